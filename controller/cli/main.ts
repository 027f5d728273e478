#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { Command } from 'commander';

type AddCommand = (program: Command) => void;

/** Loaded only when asked for: an operator pod needs no sandbox, a sandbox no ledger. */
const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ['run', async () => (await import('./run/run-command.ts')).addRunCommand],
  ['operator', async () => (await import('./operator/operator-command.ts')).addOperatorCommand],
  ['sender', async () => (await import('./sender/sender-command.ts')).addSenderCommand],
  ['import', async () => (await import('./import-command.ts')).addImportCommand],
  ['sandbox', async () => (await import('./sandbox-command.ts')).addSandboxCommand],
  ['lint', async () => (await import('./lint-command.ts')).addLintCommand],
  ['suppress', async () => (await import('./suppress-command.ts')).addSuppressCommand],
  ['status', async () => (await import('./status-command.ts')).addStatusCommand],
  ['resume', async () => (await import('./resume-command.ts')).addResumeCommand],
  ['ledger', async () => (await import('./ledger-command.ts')).addLedgerCommand],
  ['demo', async () => (await import('./demo/demo-command.ts')).addDemoCommand],
]);

enableCompileCache();
const program = new Command('mailers')
  .description('Mailbox-based e-mail sending run like infrastructure.')
  .showHelpAfterError('(see mailers --help)');
const named = COMMANDS.get(process.argv[2] ?? '');
for (const load of named ? [named] : COMMANDS.values()) (await load())(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

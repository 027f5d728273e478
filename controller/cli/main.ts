#!/usr/bin/env node
import { Command } from 'commander';
import { addDemoCommand } from './demo/demo-command.ts';
import { addLintCommand } from './lint-command.ts';
import { addRunCommand } from './run/run-command.ts';
import { addSandboxCommand } from './sandbox-command.ts';
import { addSuppressCommand } from './suppress-command.ts';

const program = new Command('mailers')
  .description('Mailbox-based e-mail sending run like infrastructure.')
  .showHelpAfterError('(see mailers --help)')
  .configureHelp({ sortSubcommands: true });

addRunCommand(program);
addSandboxCommand(program);
addLintCommand(program);
addSuppressCommand(program);
addDemoCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

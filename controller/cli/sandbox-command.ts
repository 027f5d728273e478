import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { sandboxConfigSchema, type SandboxConfig } from '../api/sandbox-config.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { abortOnSignal, untilAborted } from './signals.ts';

interface SandboxOptions {
  readonly config: string;
  readonly wireLog?: string;
  readonly caFile?: string;
}

/** `mailers sandbox`: providers to try manifests against. */
export function addSandboxCommand(program: Command): void {
  program
    .command('sandbox')
    .description('Play the providers: a Gmail-like submission service and an ESP relay, with a wire log.')
    .requiredOption('--config <file>', 'accounts, limits and scripted recipients (YAML)')
    .option('--wire-log <file>', 'append what was seen on the wire, one JSON line per transaction')
    .option(
      '--ca-file <file>',
      'write the certificate that clients have to trust; use it as NODE_EXTRA_CA_CERTS',
    )
    .action(runSandbox);
}

async function runSandbox(options: SandboxOptions): Promise<void> {
  const config = await readSandboxConfig(options.config);
  const sandbox = await startSandbox(
    config,
    options.wireLog === undefined ? {} : { wireLogFile: options.wireLog },
  );
  if (options.caFile !== undefined) await writeFile(options.caFile, sandbox.caCertificate);
  for (const line of sandboxAddresses(sandbox)) console.log(line);
  await untilAborted(abortOnSignal());
  await sandbox.stop();
}

/** Reads and checks a sandbox configuration; every mistake is one line of the error. */
export async function readSandboxConfig(file: string): Promise<SandboxConfig> {
  const parsed = sandboxConfigSchema.safeParse(parse(await readFile(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(lines.join('\n'));
}

function sandboxAddresses(sandbox: Sandbox): string[] {
  const { submission, relay, http } = sandbox.addresses;
  return [
    `Submission  STARTTLS ${submission.host}:${submission.startTlsPort}  TLS ${submission.host}:${submission.tlsPort}`,
    `Relay       STARTTLS ${relay.host}:${relay.startTlsPort}  TLS ${relay.host}:${relay.tlsPort}`,
    `HTTP        ${http}  (/wire-log, /summary, /healthz, POST /control)`,
  ];
}

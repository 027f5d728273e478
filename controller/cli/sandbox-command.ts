import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { sandboxConfigSchema, type SandboxConfig } from '../api/sandbox-config.ts';
import type { TlsIdentity } from '../sandbox/certificate.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { abortOnSignal, untilAborted } from './signals.ts';

interface SandboxOptions {
  readonly config: string;
  readonly wireLog?: string;
  readonly caFile?: string;
  readonly listen?: string;
  readonly httpPort?: string;
  readonly certificate?: string;
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
    .option('--listen <address>', "listen there instead of on the file's hosts, e.g. 0.0.0.0 in a pod")
    .option('--http-port <port>', "port of the HTTP control instead of the file's")
    .option(
      '--certificate <dir>',
      'present tls.crt with the key tls.key of this directory; default: made at start',
    )
    .action(runSandbox);
}

async function runSandbox(options: SandboxOptions): Promise<void> {
  const config = placed(await readSandboxConfig(options.config), options);
  const sandbox = await startSandbox(config, {
    ...(options.wireLog === undefined ? {} : { wireLogFile: options.wireLog }),
    ...(options.certificate === undefined ? {} : { identity: await readIdentity(options.certificate) }),
  });
  if (options.caFile !== undefined) await writeFile(options.caFile, sandbox.caCertificate);
  for (const line of sandboxAddresses(sandbox)) console.log(line);
  await untilAborted(abortOnSignal());
  await sandbox.stop();
}

/** The configuration with the addresses that the command line gives. */
function placed(config: SandboxConfig, { listen, httpPort }: SandboxOptions): SandboxConfig {
  const hosts = listen === undefined ? {} : { host: listen, httpHost: listen };
  const ports = httpPort === undefined ? {} : { http: Number(httpPort) };
  return sandboxConfigSchema.parse({ ...config, ...hosts, ports: { ...config.ports, ...ports } });
}

async function readIdentity(directory: string): Promise<TlsIdentity> {
  const [certificate, key] = await Promise.all(
    ['tls.crt', 'tls.key'].map((name) => readFile(join(directory, name), 'utf8')),
  );
  return { certificate: certificate ?? '', key: key ?? '' };
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

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { parseAllDocuments } from 'yaml';
import { reportSchema, type Report } from '../../api/report.ts';
import { startSandbox, type Sandbox } from '../../sandbox/sandbox.ts';
import { childEnvironment } from '../config.ts';
import { readSandboxConfig } from '../sandbox-command.ts';
import { demoPlace } from './demo-directory.ts';
import { compareWithWire } from './report-check.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/quickstart', import.meta.url));
const SANDBOX_CONFIG = fileURLToPath(new URL('../../../examples/sandbox/quickstart.yaml', import.meta.url));
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** `mailers demo`: the quickstart against the sandbox, and a check that the report tells what the providers saw. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Run the quickstart example against the sandbox and check its report. Needs $REDIS_URL.')
    .action(runDemo);
}

async function runDemo(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'mailers-demo-'));
  const place = await demoPlace(EXAMPLE, await readSandboxConfig(SANDBOX_CONFIG));
  const sandbox = await startSandbox(place.config, { wireLogFile: join(directory, 'wire.jsonl') });
  try {
    const caFile = join(directory, 'ca.pem');
    const reportFile = join(directory, 'report.json');
    await writeFile(caFile, sandbox.caCertificate);
    console.log(`mailers run -f ${place.manifests} --once --report ${reportFile}\n`);
    const exitCode = await runChild(['run', '-f', place.manifests, '--once', '--report', reportFile], {
      NODE_EXTRA_CA_CERTS: caFile,
      MAILERS_STATE_DIR: directory,
    });
    process.exitCode = exitCode === 0 ? await check(place.manifests, reportFile, sandbox) : exitCode;
  } finally {
    await sandbox.stop();
    if (process.exitCode === 0) await rm(directory, { recursive: true, force: true });
    if (place.manifests !== EXAMPLE) await rm(place.manifests, { recursive: true, force: true });
  }
}

/** The product as a process of its own; a signal reaches it and it drains. */
function runChild(args: readonly string[], variables: Readonly<Record<string, string>>): Promise<number> {
  const env = childEnvironment({
    ...variables,
    MAILERS_LEDGER_PREFIX: `demo-${process.pid}`,
    MAILERS_LOG_LEVEL: 'warn',
  });
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'inherit', env });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', pass);
  // A terminal sends Ctrl-C to the child as well; only our own end has to wait for it.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function check(manifests: string, reportFile: string, sandbox: Sandbox): Promise<number> {
  const report: Report = reportSchema.parse(JSON.parse(await readFile(reportFile, 'utf8')));
  const wireLog = sandbox.wireLog.transactions();
  if (!report.complete) {
    console.log('\nStopped before the campaign was complete; the report is not compared.');
    return 0;
  }
  const accounts = await accountsOf(manifests);
  const comparisons = compareWithWire(report, wireLog, (route) => accounts.get(route) ?? '');
  const differing = comparisons.filter((comparison) => comparison.report !== comparison.wire);
  for (const { what, report: told, wire } of differing)
    console.log(`DIFFERENT ${what}: report ${told}, wire log ${wire}`);
  const transactions = wireLog.filter(({ kind }) => kind === 'Transaction').length;
  if (differing.length > 0) return 1;
  console.log(
    `\nThe report equals the sandbox's wire log: ${comparisons.length} numbers compared, ${transactions} transactions seen.`,
  );
  return 0;
}

/** The account that each route of the example logs in with. */
async function accountsOf(manifests: string): Promise<Map<string, string>> {
  const text = await readFile(join(manifests, 'mailboxes.yaml'), 'utf8');
  const accounts = new Map([['esp/relay', 'apikey']]);
  for (const document of parseAllDocuments(text)) {
    const name = document.getIn(['metadata', 'name']);
    accounts.set(`mailbox/${String(name)}`, String(document.getIn(['spec', 'address'])));
  }
  return accounts;
}

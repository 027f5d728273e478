import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { reportSchema, type Report } from '../../controller/api/report.ts';
import type { SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import { startSandbox, type Sandbox } from '../../controller/sandbox/sandbox.ts';
import { openRedisLedger } from '../../controller/ledger/redis-ledger.ts';
import { expectInvariants } from '../invariants/check-invariants.ts';
import type { Evidence, SharedCap } from '../invariants/evidence.ts';
import { readAttempts } from '../invariants/read-evidence.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { startRedis, type RedisServer } from '../redis/redis-server.ts';

const DAY_MS = 86_400_000;
const MAIN = fileURLToPath(new URL('../../controller/cli/main.ts', import.meta.url));

/** One `mailers` process. */
interface MailersProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<number>;
  /** Everything it printed so far. */
  output(): string;
}

/** The part of the evidence that only the test knows. */
type KnownFacts = Pick<Evidence, 'caps' | 'sharedCaps' | 'suppressions' | 'pauses'>;

/** A directory of manifests, a real Redis and a sandbox: what a person has who tries `mailers run`. */
export interface StandaloneWorld {
  readonly directory: string;
  readonly sandbox: Sandbox;
  readonly redis: RedisServer;
  write(file: string, ...documents: readonly object[]): Promise<void>;
  writeText(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  mailers(...args: readonly string[]): MailersProcess;
  /** `mailers run -f DIR --report …`; `once` ends it when all campaigns are done. */
  run(options?: { readonly once?: boolean; readonly args?: readonly string[] }): MailersProcess;
  report(): Promise<Report>;
  /** What the checker cannot read from the wire, the records and the report: add to it as the test goes on. */
  readonly facts: { -readonly [Fact in keyof KnownFacts]: KnownFacts[Fact] };
  /** Where `mailers` remembers which ledger it used. */
  readonly stateDirectory: string;
  /**
   * Holds the design's invariants against all that happened, then ends everything. `hasLostRecords`: the ledger was wiped, and with it what the
   * wire log would be compared with; the test itself says what must be true of the wire log then.
   */
  end(options?: { readonly hasLostRecords?: boolean }): Promise<void>;
}

export async function standaloneWorld(config: SandboxConfigInput = {}): Promise<StandaloneWorld> {
  const place = await mkdtemp(join(tmpdir(), 'mailers-e2e-'));
  const directory = await mkdtemp(join(place, 'manifests-'));
  const [redis, sandbox] = await Promise.all([startRedis(), startSandbox(generous(config))]);
  await writeFile(join(place, 'ca.pem'), sandbox.caCertificate);
  const processes: MailersProcess[] = [];
  const facts: StandaloneWorld['facts'] = { caps: [] };
  const report = async () =>
    reportSchema.parse(JSON.parse(await readFile(join(place, 'report.json'), 'utf8')));
  const mailers = (...args: readonly string[]): MailersProcess => {
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: join(place, 'ca.pem'),
      REDIS_URL: redis.url,
      MAILERS_STATE_DIR: join(place, 'state'),
    };
    const started = observe(
      spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    processes.push(started);
    return started;
  };
  return {
    directory,
    sandbox,
    redis,
    mailers,
    write: (file, ...documents) =>
      writeFile(join(directory, file), documents.map((document) => stringify(document)).join('---\n')),
    writeText: (file, text) => writeFile(join(directory, file), text),
    remove: (file) => rm(join(directory, file)),
    run: ({ once = true, args = [] } = {}) =>
      mailers(
        'run',
        '-f',
        directory,
        '--report',
        join(place, 'report.json'),
        ...(once ? ['--once'] : []),
        ...args,
      ),
    report,
    facts,
    stateDirectory: join(place, 'state'),
    end: async ({ hasLostRecords = false } = {}) => {
      await Promise.all(processes.map(stopProcess));
      if (sandbox.wireLog.size > 0 && !hasLostRecords)
        await holdInvariants(sandbox, redis, await report(), facts);
      await Promise.all([sandbox.stop(), redis.stop()]);
      await rm(place, { recursive: true, force: true });
    },
  };
}

async function holdInvariants(
  sandbox: Sandbox,
  redis: RedisServer,
  report: Report,
  facts: KnownFacts,
): Promise<void> {
  const ledger = await openRedisLedger({ url: redis.url, prefix: 'mailers:' });
  try {
    const pools = report.pools.map(({ namespace, name: pool }) =>
      readAttempts(ledger.reports, { namespace, pool }),
    );
    const attempts = (await Promise.all(pools)).flat();
    const declared = report.pools.flatMap(({ mailboxes }) =>
      mailboxes.map(({ address, cap }) => ({ account: address, recipients: cap })),
    );
    expectInvariants({
      sharedCaps: declaredSharedCaps(report),
      ...facts,
      wireLog: sandbox.wireLog.transactions(),
      attempts,
      report,
      caps: facts.caps.length > 0 ? facts.caps : declared,
      windowMs: DAY_MS,
    });
  } finally {
    await ledger.close();
  }
}

/** The pool's limits per day and those per domain of recipients, of a report of one pool. */
function declaredSharedCaps({ pools }: Report): SharedCap[] {
  return pools.flatMap(({ limits }) =>
    limits.flatMap(({ kind, name, recipientsPerDay: recipients }) => {
      if (kind === 'BulkSender' || recipients === undefined) return [];
      const cap = { name, recipients, windowMs: DAY_MS };
      if (kind === 'Pool') return [cap];
      return [{ ...cap, domains: name === 'gmail.com' ? [name, 'googlemail.com'] : [name] }];
    }),
  );
}

/** Tests send faster than Google likes; limits are tested where they are meant. */
function generous(config: SandboxConfigInput): SandboxConfigInput {
  const messages = { max: 1_000_000, windowSeconds: 60 };
  const logins = { max: 1_000_000, windowSeconds: 60 };
  return {
    ...config,
    limits: { messages, logins, ...config.limits },
    relayLimits: { messages, logins, ...config.relayLimits },
  };
}

function observe(child: ChildProcess): MailersProcess {
  const output: Buffer[] = [];
  child.stdout?.on('data', (data: Buffer) => output.push(data));
  child.stderr?.on('data', (data: Buffer) => output.push(data));
  const exited = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });
  return { child, exited, output: () => Buffer.concat(output).toString('utf8') };
}

async function stopProcess({ child, exited }: MailersProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await exited;
}

/** Transactions that providers saw for mail (not logins). */
export function transactionsOf(sandbox: Sandbox) {
  return sandbox.wireLog.transactions().filter(({ kind }) => kind === 'Transaction');
}

/** Waits until the providers saw at least so many accepted messages. */
export async function untilAccepted(sandbox: Sandbox, count: number, timeoutMs = 30_000): Promise<void> {
  const isReached = (): boolean => transactionsOf(sandbox).filter(({ accepted }) => accepted).length >= count;
  await waitUntil(`${count} accepted messages`, isReached, { timeoutMs, intervalMs: 20 });
}

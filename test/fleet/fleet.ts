import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { stringify } from 'yaml';
import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { Plan } from '../../controller/api/plan.ts';
import type { Report } from '../../controller/api/report.ts';
import type { SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import { readPolicy } from '../../controller/cli/policy-file.ts';
import { ManifestCredentials } from '../../controller/cli/run/manifest-credentials.ts';
import { ManifestSource } from '../../controller/cli/run/manifest-source.ts';
import { Publication } from '../../controller/cli/run/publication.ts';
import { currentReport } from '../../controller/cli/run/report-source.ts';
import { openRedisLedger, type RedisLedger } from '../../controller/ledger/redis-ledger.ts';
import { startSandbox, type Sandbox } from '../../controller/sandbox/sandbox.ts';
import type { Evidence } from '../invariants/evidence.ts';
import { readAttempts } from '../invariants/read-evidence.ts';
import { sharedCapsOf } from '../invariants/shared-caps.ts';
import { startRedis, type RedisServer } from '../redis/redis-server.ts';
import { loginFiles, loginOf } from './fleet-manifests.ts';
import { SenderProcess } from './sender-process.ts';

const DAY_MS = 86_400_000;

/** The pool of every fleet. */
export const POOL = { namespace: 'default', pool: 'pool' } as const;

export interface FleetOptions {
  readonly sandbox: SandboxConfigInput;
  /** Length of the `Day` window, milliseconds. */
  readonly windowMs?: number;
}

/**
 * Senders as real processes, a real Redis, provider twins, and a publisher in this process that compiles a directory of manifests: what runs
 * on a cluster, without the cluster.
 */
export class Fleet {
  readonly sandbox: Sandbox;
  readonly redis: RedisServer;
  /** The publisher's connection to the ledger. */
  readonly ledger: RedisLedger;
  readonly senders: SenderProcess[] = [];
  readonly #place: string;
  readonly #source: ManifestSource;
  readonly #publication: Publication;
  readonly #windowMs: number;
  #plans: readonly Plan[] = [];
  #logins: Readonly<Record<string, string>> = {};
  #started = 0;

  private constructor(parts: {
    sandbox: Sandbox;
    redis: RedisServer;
    ledger: RedisLedger;
    place: string;
    source: ManifestSource;
    publication: Publication;
    windowMs: number;
  }) {
    this.sandbox = parts.sandbox;
    this.redis = parts.redis;
    this.ledger = parts.ledger;
    this.#place = parts.place;
    this.#source = parts.source;
    this.#publication = parts.publication;
    this.#windowMs = parts.windowMs;
  }

  static async start({ sandbox: config, windowMs = DAY_MS }: FleetOptions): Promise<Fleet> {
    const place = await mkdtemp(join(tmpdir(), 'mailers-fleet-'));
    const directory = join(place, 'manifests');
    await mkdir(directory);
    const [redis, sandbox, policy] = await Promise.all([
      startRedis(),
      startSandbox(generous(config)),
      readPolicy(),
    ]);
    await writeFile(join(place, 'ca.pem'), sandbox.caCertificate);
    const ledger = await openRedisLedger({ url: redis.url, prefix: 'mailers:' });
    const credentials = new ManifestCredentials();
    const log = pino({ level: 'silent' });
    const source = new ManifestSource({ directory, policy, credentials, windowMs });
    const publication = new Publication({ ledger, credentials, log });
    const fleet = new Fleet({ sandbox, redis, ledger, place, source, publication, windowMs });
    await fleet.writeLogins(loginFiles(config));
    return fleet;
  }

  /** Writes manifests; they are in force after `publish`. */
  async write(file: string, ...documents: readonly object[]): Promise<void> {
    await this.writeText(file, documents.map((document) => stringify(document)).join('---\n'));
  }

  async writeText(file: string, text: string): Promise<void> {
    await writeFile(join(this.#place, 'manifests', file), text);
  }

  /** Changes keys of the Secret `logins`, in the manifest and in the senders' files, each at once, as the kubelet does it. */
  async writeLogins(changes: Readonly<Record<string, string>>): Promise<void> {
    this.#logins = { ...this.#logins, ...changes };
    await this.write('logins.yaml', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'logins' },
      stringData: this.#logins,
    });
    await this.mountSecret('logins', changes);
  }

  /** Writes keys of a Secret into the senders' files alone: what the kubelet does some time after the Secret was made. */
  async mountSecret(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const folder = join(this.#secretsDirectory, name);
    await mkdir(folder, { recursive: true });
    for (const [key, value] of Object.entries(data)) {
      const draft = join(this.#place, `${key}.draft`);
      await writeFile(draft, value);
      await rename(draft, join(folder, key));
    }
  }

  /** Compiles the manifests and brings them into force. Rejects with LedgerUnavailable while Redis is away: call again. */
  async publish(): Promise<void> {
    const compiled = await this.#source.compile();
    if (!compiled.ok) throw new Error(compiled.lines.join('\n'));
    const problems = await this.#publication.publish(compiled.declared);
    if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
    this.#plans = compiled.declared.compilation.plans;
  }

  startSender(hostName = `sender-${(this.#started += 1)}`, pool: string = POOL.pool): SenderProcess {
    const sender = new SenderProcess({
      pool: `${POOL.namespace}/${pool}`,
      secretsDirectory: this.#secretsDirectory,
      redisUrl: this.redis.url,
      certificateFile: join(this.#place, 'ca.pem'),
      hostName,
    });
    this.senders.push(sender);
    return sender;
  }

  report(): Promise<Report> {
    return currentReport(this.ledger, this.#plans);
  }

  attempts(): Promise<AttemptRecord[]> {
    return readAttempts(this.ledger.reports, POOL);
  }

  /** What was left behind, with the caps as they are declared now. `changes`: what else was done to the system. */
  async evidence(changes: Partial<Evidence> = {}): Promise<Evidence> {
    const mailboxes = this.#plans.flatMap((plan) => plan.mailboxes);
    const esps = this.#plans.flatMap((plan) => plan.esps);
    return {
      wireLog: this.sandbox.wireLog.transactions(),
      attempts: await this.attempts(),
      report: await this.report(),
      windowMs: this.#windowMs,
      caps: mailboxes.map(({ address, cap }) => ({ account: address, recipients: cap })),
      sharedCaps: sharedCapsOf(this.#plans, loginOf),
      keyedLogins: esps.filter(({ idempotency }) => idempotency).map(({ name }) => loginOf(name)),
      loginsOfRoutes: Object.fromEntries(esps.map(({ route, name }) => [route, loginOf(name)])),
      ...changes,
    };
  }

  /** `POST /control` of the sandbox: faults and limits. */
  async control(request: object): Promise<void> {
    const { status } = await fetch(`${this.sandbox.addresses.http}/control`, {
      method: 'POST',
      body: JSON.stringify(request),
    });
    if (status !== 200) throw new Error(`the sandbox answered ${status} to ${JSON.stringify(request)}`);
  }

  async end(): Promise<void> {
    const running = this.senders.filter((sender) => sender.isRunning);
    await Promise.all(running.map((sender) => sender.kill9()));
    await this.ledger.close();
    await Promise.all([this.sandbox.stop(), this.redis.stop()]);
    await rm(this.#place, { recursive: true, force: true });
  }

  get #secretsDirectory(): string {
    return join(this.#place, 'secrets');
  }
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

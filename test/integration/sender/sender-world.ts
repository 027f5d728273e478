import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Plan, PlanMailbox } from '../../../controller/api/plan.ts';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { readPolicy } from '../../../controller/cli/policy-file.ts';
import { currentReport } from '../../../controller/cli/run/report-source.ts';
import { systemClock } from '../../../controller/cli/system-clock.ts';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import type { TlsIdentity } from '../../../controller/sandbox/certificate.ts';
import { startSandbox, type Sandbox } from '../../../controller/sandbox/sandbox.ts';
import {
  DEFAULT_IMAP_TIMEOUTS,
  ImapSentMail,
} from '../../../controller/sender/evidence/imap/imap-sent-mail.ts';
import { PoolSender } from '../../../controller/sender/pool-sender.ts';
import type { PoolSenderParts } from '../../../controller/sender/pool-sender-parts.ts';
import { smtpRouteOpener } from '../../../controller/sender/routes/smtp/smtp-route-opener.ts';
import { DEFAULT_SMTP_TIMEOUTS } from '../../../controller/sender/routes/smtp/smtp-route.ts';
import { aPlanMailbox } from '../../builders/plan.ts';
import { countsOf, openPool, POOL } from '../../contract/pool-fixture.ts';
import { expectInvariants } from '../../invariants/check-invariants.ts';
import type { Evidence } from '../../invariants/evidence.ts';
import { sharedCapsOf } from '../../invariants/shared-caps.ts';
import { readAttempts } from '../../invariants/read-evidence.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';

/** Password of all accounts, as Google writes it. */
export const APP_PASSWORD = 'abcd efgh ijkl mnop';

const DAY_MS = 86_400_000;

/** What a sender said, one object per line. */
type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A sender of the pool mail/outreach in this process, with a real Redis and a sandbox as its provider. */
export interface SenderWorld {
  readonly redis: RedisServer;
  readonly ledger: RedisLedger;
  readonly sandbox: Sandbox;
  readonly log: readonly LogLine[];
  /** The mailbox of the sandbox's account: six messages at a time, no pacing. */
  mailbox(changes?: Partial<PlanMailbox>): PlanMailbox;
  /** Publishes the plan with so many rows of its campaign and starts a sender; answers it and the end of its run. */
  start(
    plan: Plan,
    rows: number,
    parts?: Partial<PoolSenderParts>,
  ): Promise<{ readonly sender: PoolSender; readonly ended: Promise<void> }>;
  /** Counts of the campaign. */
  counts(): ReturnType<typeof countsOf>;
  /** Fails the running test with every invariant of the design that does not hold. */
  expectInvariants(known?: Partial<Evidence>): Promise<void>;
  end(): Promise<void>;
}

export async function senderWorld(
  options: {
    readonly recipients?: SandboxConfigInput['recipients'];
    /** Login of the one account. */
    readonly user?: string;
    readonly identity?: TlsIdentity;
  } = {},
): Promise<SenderWorld> {
  const user = options.user ?? 'anna@example.com';
  const [redis, sandbox, policy] = await Promise.all([
    startRedis(),
    startSandbox(
      {
        accounts: [{ address: user, appPassword: APP_PASSWORD }],
        recipients: options.recipients ?? [],
        limits: {
          messages: { max: 1_000, windowSeconds: 60 },
          logins: { max: 1_000, windowSeconds: 60 },
        },
      },
      options.identity ? { identity: options.identity } : {},
    ),
    readPolicy(),
  ]);
  const ledger = await openRedisLedger({ url: redis.url, prefix: 'test:', commandTimeoutMs: 500 });
  const secrets: Readonly<Record<string, Record<string, string>>> = {
    ca: { 'ca.crt': sandbox.caCertificate },
    'anna-login': { appPassword: APP_PASSWORD },
  };
  const credentials = { read: async (_namespace: string, name: string) => secrets[name] };
  const log: LogLine[] = [];
  let plan: Plan | undefined;
  const running: { sender: PoolSender; ended: Promise<void> }[] = [];
  const namespace = POOL.namespace;
  const parts: PoolSenderParts = {
    pool: POOL,
    ledger,
    policy,
    credentials,
    clock: systemClock,
    open: smtpRouteOpener({
      namespace,
      credentials,
      clientName: 'sender.example',
      timeouts: DEFAULT_SMTP_TIMEOUTS,
    }),
    sentMail: new ImapSentMail({ namespace, credentials, timeouts: DEFAULT_IMAP_TIMEOUTS }),
    random: Math.random,
    newSenderId: randomUUID,
    log: pino({ base: null }, { write: (line) => log.push(JSON.parse(line) as LogLine) }),
  };
  return {
    redis,
    ledger,
    sandbox,
    log,
    mailbox: (changes = {}) =>
      aPlanMailbox({
        address: user,
        auth: { method: 'AppPassword', user, secret: { name: 'anna-login', key: 'appPassword' } },
        maxConnections: 6,
        endpoint: {
          host: 'localhost',
          port: sandbox.addresses.submission.startTlsPort,
          tls: 'StartTls',
          ca: { name: 'ca', key: 'ca.crt' },
        },
        ...changes,
      }),
    async start(planned, rows, changes = {}) {
      plan = planned;
      await openPool(ledger, rows, plan);
      const sender = new PoolSender({ ...parts, ...changes });
      const started = { sender, ended: sender.run() };
      running.push(started);
      return started;
    },
    counts: () => countsOf(ledger),
    async expectInvariants(known = {}) {
      expectInvariants({
        wireLog: sandbox.wireLog.transactions(),
        attempts: await readAttempts(ledger.reports, POOL),
        report: await currentReport(ledger, plan ? [plan] : []),
        caps: [{ account: user, recipients: 100 }],
        windowMs: DAY_MS,
        sharedCaps: plan ? sharedCapsOf([plan]) : [],
        ...known,
      });
    },
    async end() {
      for (const { sender } of running) sender.stop();
      await Promise.all(running.map(({ ended }) => ended));
      await ledger.close();
      await Promise.all([redis.stop(), sandbox.stop()]);
    },
  };
}

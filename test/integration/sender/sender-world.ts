import { randomUUID } from 'node:crypto';
import pino from 'pino';
import type { Plan, PlanMailbox } from '../../../controller/api/plan.ts';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { readPolicy } from '../../../controller/cli/policy-file.ts';
import { systemClock } from '../../../controller/cli/system-clock.ts';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
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
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';

/** Password of all accounts, as Google writes it. */
export const APP_PASSWORD = 'abcd efgh ijkl mnop';

/** What a sender said, one object per line. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** A sender of the pool mail/outreach in this process, with a real Redis and a sandbox as its provider. */
export interface SenderWorld {
  readonly redis: RedisServer;
  readonly ledger: RedisLedger;
  readonly sandbox: Sandbox;
  readonly log: readonly LogLine[];
  /** The mailbox anna@example.com of the sandbox. */
  mailbox(changes?: Partial<PlanMailbox>): PlanMailbox;
  /** Publishes the plan with so many rows of its campaign and starts a sender; answers it and the end of its run. */
  start(
    plan: Plan,
    rows: number,
    parts?: Partial<PoolSenderParts>,
  ): Promise<{ readonly sender: PoolSender; readonly ended: Promise<void> }>;
  /** Counts of the campaign. */
  counts(): ReturnType<typeof countsOf>;
  end(): Promise<void>;
}

export async function senderWorld(
  options: { readonly recipients?: SandboxConfigInput['recipients']; readonly ca?: string } = {},
): Promise<SenderWorld> {
  const account = { address: 'anna@example.com', appPassword: APP_PASSWORD };
  const [redis, sandbox, policy] = await Promise.all([
    startRedis(),
    startSandbox({
      accounts: [account],
      recipients: options.recipients ?? [],
      limits: {
        messages: { max: 1_000, windowSeconds: 60 },
        logins: { max: 1_000, windowSeconds: 60 },
      },
    }),
    readPolicy(),
  ]);
  const ledger = await openRedisLedger({ url: redis.url, prefix: 'test:', commandTimeoutMs: 500 });
  const secrets: Readonly<Record<string, Record<string, string>>> = {
    ca: { 'ca.crt': [sandbox.caCertificate, options.ca ?? ''].join('\n') },
    'anna-login': { appPassword: APP_PASSWORD },
  };
  const credentials = { read: async (_namespace: string, name: string) => secrets[name] };
  const log: LogLine[] = [];
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
        endpoint: {
          host: 'localhost',
          port: sandbox.addresses.submission.startTlsPort,
          tls: 'StartTls',
          ca: { name: 'ca', key: 'ca.crt' },
        },
        ...changes,
      }),
    async start(plan, rows, changes = {}) {
      await openPool(ledger, rows, plan);
      const sender = new PoolSender({ ...parts, ...changes });
      const started = { sender, ended: sender.run() };
      running.push(started);
      return started;
    },
    counts: () => countsOf(ledger),
    async end() {
      for (const { sender } of running) sender.stop();
      await Promise.all(running.map(({ ended }) => ended));
      await ledger.close();
      await Promise.all([redis.stop(), sandbox.stop()]);
    },
  };
}

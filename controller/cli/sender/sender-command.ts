import type { Command } from 'commander';
import pino from 'pino';
import { LedgerLost, LedgerUnavailable, type Ledger } from '../../domain/ports/ledger.ts';
import { HealthServer } from '../../operator/kube/health.ts';
import { readConfig } from '../config.ts';
import { readPolicy } from '../policy-file.ts';
import { LoginRefusal } from '../login-refusal.ts';
import { poolKeyOf } from '../pool-option.ts';
import { openWhenReachable } from '../run/reachable-ledger.ts';
import { SenderGroup } from '../run/sender-group.ts';
import { abortOnSignal, untilAborted } from '../signals.ts';
import { systemClock } from '../system-clock.ts';
import { MountedCredentials } from './mounted-credentials.ts';

interface SenderOptions {
  readonly pool: string;
  readonly secretsDir: string;
  readonly healthPort: number;
  readonly route?: string[];
}

/** `mailers sender`: the data plane of one pool, as it runs in a sender pod. It reads the plan from the ledger, never from Kubernetes. */
export function addSenderCommand(program: Command): void {
  program
    .command('sender')
    .description('Send what the plan of one pool says (the role of a sender pod).')
    .requiredOption('--pool <namespace/name>', 'the pool')
    .option(
      '--secrets-dir <directory>',
      'mounted Secrets: DIRECTORY/<secret>/<key>',
      '/var/run/mailers/secrets',
    )
    .option('--route <route...>', 'only these routes (mailbox/NAME, esp/NAME); default: all of the pool')
    .option('--health-port <port>', 'port of /healthz and /readyz', Number, 8081)
    .action(runSender);
}

async function runSender(options: SenderOptions): Promise<void> {
  const config = readConfig();
  const log = pino({ level: config.logLevel ?? 'info', base: null });
  const { namespace, pool } = poolKeyOf(options.pool);
  const state: { notReady: () => Promise<string | undefined> } = {
    notReady: () => Promise.resolve('the ledger has not been reached yet'),
  };
  const health = new HealthServer({ live: {}, ready: { sender: () => state.notReady() } });
  await health.listen({ host: '0.0.0.0', port: options.healthPort });
  const refusal = new LoginRefusal(log);
  const stopping = AbortSignal.any([abortOnSignal(), refusal.signal]);
  const { redisUrl: url, ledgerPrefix, ledgerId } = config;
  const expected = ledgerId === undefined ? undefined : ([ledgerId] as const);
  // Whoever publishes the plan makes the ledger: in an empty one there is nothing to send.
  const opening = {
    url,
    prefix: `${ledgerPrefix}:`,
    expected,
    ifEmpty: 'Refuse',
    onLogin: refusal.note,
  } as const;
  const ledger = await openWhenReachable(opening, log, stopping);
  if (ledger) {
    state.notReady = () => lossOf(ledger);
    const senders = new SenderGroup({
      ledger,
      policy: await readPolicy(),
      credentials: new MountedCredentials(options.secretsDir),
      clock: systemClock,
      hostName: config.hostName,
      log,
      ...(options.route === undefined ? {} : { routes: options.route }),
    });
    await senders.follow([{ namespace, pool }]);
    log.info({ pool: options.pool, ledger: ledger.id }, 'Sender started');
    await Promise.race([untilAborted(stopping), senders.broken]);
    state.notReady = () => Promise.resolve('draining');
    await senders.stop();
    await ledger.close();
  }
  if (refusal.signal.aborted) process.exitCode = 1;
  await health.close();
}

/** Longest wait for the ledger's answer: a probe gives up soon after. */
const PROBE_PATIENCE_MS = 500;

/** Not ready while the ledger is lost; while it is only away, others could not do better. */
async function lossOf(ledger: Ledger): Promise<string | undefined> {
  const answer = ledger.now().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof LedgerLost) return error.message;
      if (error instanceof LedgerUnavailable) return undefined;
      throw error;
    },
  );
  return await Promise.race([answer, systemClock.sleep(PROBE_PATIENCE_MS).then(() => undefined)]);
}

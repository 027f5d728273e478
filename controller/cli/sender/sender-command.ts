import type { Command } from 'commander';
import pino from 'pino';
import { HealthServer } from '../../operator/kube/health.ts';
import { readConfig } from '../config.ts';
import { readPolicy } from '../policy-file.ts';
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
  const state = { notReady: 'the ledger has not been reached yet' };
  const health = new HealthServer({ live: {}, ready: { sender: () => state.notReady || undefined } });
  await health.listen({ host: '0.0.0.0', port: options.healthPort });
  const stopping = abortOnSignal();
  const ledger = await openWhenReachable(config, log, stopping);
  if (ledger) {
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
    state.notReady = '';
    log.info({ pool: options.pool }, 'Sender started');
    await Promise.race([untilAborted(stopping), senders.broken]);
    state.notReady = 'draining';
    await senders.stop();
    await ledger.close();
  }
  await health.close();
}

import { join } from 'node:path';
import { imageCommand } from '../image-command.ts';
import { daemonPid, logTail, startDaemon, stopDaemon } from '../process/daemon.ts';
import { freePorts } from '../process/free-port.ts';
import { waitUntil } from '../process/wait-until.ts';

/** The `mailers` command. */
export const MAIN = join(import.meta.dirname, '..', '..', '..', 'controller', 'cli', 'main.ts');

/** `mailers operator` as a process of its own, beside the API server. */
export interface OperatorProcess {
  readonly name: string;
  readonly healthUrl: string;
  pid(): number | undefined;
  /** What it does at the moment and the end of what it logged, for failures. */
  account(): Promise<string>;
  /** Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface OperatorPlace {
  /** Folder for its log and pid file. */
  readonly dir: string;
  readonly kubeconfig: string;
  readonly redisUrl: string;
  readonly ledgerPrefix: string;
}

/** Starts an operator and waits until it is ready: its caches are filled, whether it leads or not. */
export async function startOperator(
  place: OperatorPlace,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<OperatorProcess> {
  const [port = 0] = await freePorts('127.0.0.1', 1);
  const variables = {
    KUBECONFIG: place.kubeconfig,
    REDIS_URL: place.redisUrl,
    MAILERS_LEDGER_PREFIX: place.ledgerPrefix,
    MAILERS_HEALTH_PORT: String(port),
    MAILERS_LEASE_NAMESPACE: 'default',
    MAILERS_SENDER_IMAGE: 'mailers:test',
    MAILERS_LOG_LEVEL: 'debug',
    POD_NAME: name,
    ...environment,
  };
  const settings = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  const image = imageCommand();
  const node = [process.execPath, ...image.flags] as const;
  const argv = ['env', ...image.environment, ...settings, ...node, MAIN, 'operator'] as const;
  const { dir } = place;
  startDaemon({ dir, name, argv: [...argv] }, false);
  const healthUrl = `http://127.0.0.1:${port}`;
  const log = (): string => logTail(dir, name, 10_000);
  await waitUntil(`${name} is ready`, async () => (await fetch(`${healthUrl}/readyz`)).ok, {
    timeoutMs: 60_000,
  }).catch((error: unknown) => {
    throw new Error(`${name} did not get ready: ${log()}`, { cause: error });
  });
  return {
    name,
    healthUrl,
    pid: () => daemonPid(dir, name),
    account: async () => `${name}: ${await workOf(healthUrl)}\n${log()}`,
    stop: (signal) => stopDaemon(dir, name, signal, 20_000),
  };
}

/** How the queues stand, from the metrics. */
async function workOf(healthUrl: string): Promise<string> {
  const metrics = await fetch(`${healthUrl}/metrics`).then(
    (answer) => answer.text(),
    () => 'has ended',
  );
  const telling = /^(workqueue_depth|controller_runtime_(active_workers|reconcile_total))/;
  return metrics
    .split('\n')
    .filter((line) => telling.test(line) || !line.includes(' '))
    .join('\n');
}

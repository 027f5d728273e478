import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './image.ts';
import { kubectl } from './kubectl.ts';
import { logTail, startDaemon, stopDaemon } from './process/daemon.ts';
import { freePorts } from './process/free-port.ts';
import { waitUntil } from './process/wait-until.ts';

const name = 'mailers-operator';

type Kubeconfig = {
  users: { name: string; user: object }[];
  contexts: { context: { namespace: string } }[];
};

export type OperatorProcess = {
  /** What it has logged lately. */
  log: () => string;
  /** SIGTERM, and waits for the end. */
  stop: () => Promise<void>;
};

export type OperatorSettings = {
  /** The administrator's. */
  kubeconfig: string;
  /** Folder for its state and log; whoever made it removes it. */
  dir: string;
  redisUrl: string;
  /** Where it was installed: its service account, and the rights that it has, are there. */
  namespace: string;
};

/**
 * Runs `mailers operator` on this machine as the service account that the chart made for it, so with the chart's rights and no others.
 * Resolves when it is ready.
 */
export async function startOperator(settings: OperatorSettings): Promise<OperatorProcess> {
  const { dir, redisUrl, namespace } = settings;
  const kubeconfig = await accountKubeconfig(settings);
  const [port = 0] = await freePorts('127.0.0.1', 1);
  const environment = {
    KUBECONFIG: kubeconfig,
    REDIS_URL: redisUrl,
    POD_NAME: 'on-this-machine',
    POD_NAMESPACE: namespace,
    MAILERS_HEALTH_PORT: String(port),
  };
  const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  const program = [process.execPath, join(checkout, 'controller', 'cli', 'main.ts'), 'operator'];
  startDaemon({ dir, name, argv: ['env', ...variables, ...program] }, false);
  const log = () => logTail(dir, name, 4_000);
  const isReady = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  await waitUntil('the operator is ready', isReady, { timeoutMs: 30_000 }).catch((error: unknown) => {
    throw new Error(`the operator did not become ready: ${log()}`, { cause: error });
  });
  return { log, stop: async () => await stopDaemon(dir, name) };
}

async function accountKubeconfig({ kubeconfig, dir, namespace }: OperatorSettings): Promise<string> {
  const token = await kubectl(kubeconfig, ['create', 'token', name, '--namespace', namespace]);
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const users = config.users.map((user) => ({ ...user, user: { token: token.trim() } }));
  const contexts = config.contexts.map(({ context, ...rest }) => ({
    ...rest,
    context: { ...context, namespace },
  }));
  const path = join(dir, `${name}.kubeconfig`);
  writeFileSync(path, JSON.stringify({ ...config, users, contexts }), { mode: 0o600 });
  return path;
}

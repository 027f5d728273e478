import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '../kubectl.ts';
import { startOperator, type OperatorProcess } from '../operator/operator-process.ts';

const account = 'mailers-operator';

type Kubeconfig = { users: { name: string; user: object }[] };

type Installation = {
  /** The administrator's. */
  kubeconfig: string;
  /** Folder for its state and log; whoever made it removes it. */
  dir: string;
  redisUrl: string;
  /** Where the chart was installed. */
  namespace: string;
};

/**
 * Runs `mailers operator` on this machine as the service account that the chart made for it: with the chart's rights and no others.
 * Resolves when it is ready.
 */
export async function startInstalledOperator(installation: Installation): Promise<OperatorProcess> {
  const { dir, redisUrl, namespace } = installation;
  const place = { dir, kubeconfig: await accountKubeconfig(installation), redisUrl, ledgerPrefix: 'gitops' };
  return await startOperator(place, account, { MAILERS_LEASE_NAMESPACE: namespace });
}

async function accountKubeconfig({ kubeconfig, dir, namespace }: Installation): Promise<string> {
  const token = await kubectl(kubeconfig, ['create', 'token', account, '--namespace', namespace]);
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const users = config.users.map((user) => ({ ...user, user: { token: token.trim() } }));
  const path = join(dir, `${account}.kubeconfig`);
  writeFileSync(path, JSON.stringify({ ...config, users }), { mode: 0o600 });
  return path;
}

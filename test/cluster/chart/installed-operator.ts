import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '../kubectl.ts';
import { startOperator, type OperatorProcess } from '../operator/operator-process.ts';

type Kubeconfig = { users: { name: string; user: object }[] };

type Installation = {
  /** The administrator's. */
  kubeconfig: string;
  /** Folder for its state and log; whoever made it removes it. */
  dir: string;
  redisUrl: string;
  /** Where the chart was installed. */
  namespace: string;
  /** The service account that the chart made for the operator. */
  account: string;
  /** Variables that the chart sets for the values that it was installed with. */
  environment?: Readonly<Record<string, string>>;
};

/**
 * Runs `mailers operator` on this machine as the service account that the chart made for it: with the chart's rights and no others.
 * Resolves when it is ready.
 */
export async function startInstalledOperator(installation: Installation): Promise<OperatorProcess> {
  const { dir, redisUrl, namespace, account, environment } = installation;
  const kubeconfig = await accountKubeconfig(installation);
  const place = { dir, kubeconfig, redisUrl, ledgerPrefix: account };
  return await startOperator(place, account, { MAILERS_LEASE_NAMESPACE: namespace, ...environment });
}

/** The status codes with which the API server has answered the operator. */
export async function answerCodes({ healthUrl }: OperatorProcess): Promise<Set<string>> {
  const metrics = await (await fetch(`${healthUrl}/metrics`)).text();
  const counted = metrics.matchAll(/^rest_client_requests_total\{.*code="([^"]+)".*\} [1-9]/gm);
  return new Set([...counted].map(([, code = '']) => code));
}

async function accountKubeconfig(installation: Installation): Promise<string> {
  const { kubeconfig, dir, namespace, account } = installation;
  const token = await kubectl(kubeconfig, ['create', 'token', account, '--namespace', namespace]);
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
  const users = config.users.map((user) => ({ ...user, user: { token: token.trim() } }));
  const path = join(dir, `${account}.kubeconfig`);
  writeFileSync(path, JSON.stringify({ ...config, users }), { mode: 0o600 });
  return path;
}

import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';
import { kubectl } from '../kubectl.ts';
import { daemonPid, logTail } from '../process/daemon.ts';
import { waitUntil } from '../process/wait-until.ts';
import { serverUrl, type Plane } from './components.ts';
import { kubeconfigPath } from './kubeconfig.ts';
import { pkiFolder } from './pki.ts';

/** An API server on a busy 2-core machine: 3 s measured when idle, so this is generous. */
const readyWithinMs = 90_000;

/**
 * Waits until the API server answers /readyz with 200.
 * @throws with the end of its log when it has ended instead, or when the time is up.
 */
export async function untilApiServerReady(plane: Plane): Promise<void> {
  const credentials = Object.fromEntries(
    Object.entries({ ca: 'ca.crt', cert: 'admin.crt', key: 'admin.key' }).map(([option, file]) => [
      option,
      readFileSync(join(pkiFolder(plane.dir), file)),
    ]),
  );
  const state = await waitUntil(
    `the API server at ${serverUrl(plane)} is ready (log in ${plane.dir}/log)`,
    async () => {
      if (daemonPid(plane.dir, 'kube-apiserver') === undefined) return 'ended';
      return (await statusOf(`${serverUrl(plane)}/readyz`, credentials)) === 200 && 'ready';
    },
    { timeoutMs: readyWithinMs, intervalMs: 50 },
  );
  if (state === 'ended') {
    throw new Error(`kube-apiserver ended while it started: ${logTail(plane.dir, 'kube-apiserver')}`);
  }
}

/** Waits until the controllers work, which shows in the default service account: without it no pod can be made. */
export async function untilControllersReady(plane: Plane): Promise<void> {
  const account = ['get', 'serviceaccount', 'default', '-o', 'name'];
  await waitUntil(
    `the controller manager has made the default service account (log in ${plane.dir}/log)`,
    async () => (await kubectl(kubeconfigPath(plane.dir, 'admin'), account)) !== '',
    { timeoutMs: readyWithinMs },
  );
}

async function statusOf(url: string, credentials: Record<string, Buffer>): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const request = get(url, { ...credentials, agent: false, timeout: 2_000 }, (response) => {
    response.resume();
    resolve(response.statusCode);
  });
  request.on('timeout', () => request.destroy(new Error('no answer within 2 s')));
  request.on('error', reject);
  return await promise;
}

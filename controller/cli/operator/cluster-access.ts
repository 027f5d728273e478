import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  accessFromKubeconfig,
  accessInCluster,
  type ClusterAccess,
} from '../../operator/kube/kube-config.ts';
import type { OperatorConfig } from '../config.ts';

/** As kubectl does: $KUBECONFIG, else the pod's service account, else ~/.kube/config. */
export async function clusterAccess(
  config: Pick<OperatorConfig, 'kubeconfigs' | 'apiServer'>,
): Promise<ClusterAccess> {
  if (config.kubeconfigs.length > 0) return accessFromKubeconfig(config.kubeconfigs);
  if (config.apiServer !== undefined) return accessInCluster(config.apiServer);
  const own = join(homedir(), '.kube', 'config');
  const isThere = await access(own).then(
    () => true,
    () => false,
  );
  if (isThere) return accessFromKubeconfig([own]);
  throw new Error(
    `No cluster is named: set KUBECONFIG, or write ${own}, or run "mailers operator" in a pod with a service account.`,
  );
}

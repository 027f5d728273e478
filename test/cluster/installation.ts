import { chartFolder, helm, release } from './chart/helm.ts';
import type { TestCluster } from './cluster.ts';
import { kubectl } from './kubectl.ts';

/** Namespace in which a person tries things; the chart's Redis is open to its sender pods. */
const trialNamespace = 'default';

/**
 * Installs the operator through the chart, with its own Redis, or upgrades it to the checkout as it is now.
 * @throws with helm's own words when it does not become ready.
 */
export async function installChart(cluster: TestCluster, report: (line: string) => void): Promise<void> {
  report('Installing the operator through the chart');
  await helm(
    [
      'upgrade',
      '--install',
      release.name,
      chartFolder,
      '--namespace',
      release.namespace,
      '--create-namespace',
      // The image has the name that the chart takes by itself.
      '--set',
      `redis.senderNamespaces={${trialNamespace}}`,
      '--wait',
      '--timeout',
      '180s',
    ],
    cluster.kubeconfig,
  );
  // The image has the same name after a rebuild: only new pods run it.
  const deployment = `deployment/${release.name}-operator`;
  await kubectl(cluster.kubeconfig, ['-n', release.namespace, 'rollout', 'restart', deployment]);
  await kubectl(
    cluster.kubeconfig,
    ['-n', release.namespace, 'rollout', 'status', deployment, '--timeout=120s'],
    {
      timeoutMs: 150_000,
    },
  );
}

import type { OperatorWorld } from './operator-world.ts';

/** Plays the kubelet where there is none: all pods of the pool's Deployment are ready. */
export async function becomeReady(world: OperatorWorld, namespace: string, replicas = 1): Promise<void> {
  await world.until({ namespace, kind: 'apps/v1/deployments', name: 'pool-sender' }, () => true);
  const status = {
    replicas,
    readyReplicas: replicas,
    updatedReplicas: replicas,
    availableReplicas: replicas,
  };
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await world.run('patch', 'deployment', 'pool-sender', '-n', namespace, ...patch);
}

/** Plays the sender: it holds the lanes and has logged in. */
export async function logIn(
  world: OperatorWorld,
  namespace: string,
  routes: readonly string[],
): Promise<void> {
  await world.ledger.lanes.share(
    { namespace, pool: 'pool', senderId: 'test' },
    {
      leaseMs: 600_000,
      routes,
      busy: [],
      states: routes.map((route) => ({ route, reason: 'Connected', message: '' })),
    },
  );
}

import type { Plan } from '../../../api/plan.ts';
import type { SendingPool } from '../../../api/resource.ts';
import { BY_POOL, type OperatorCaches } from '../../caches.ts';
import type { KubeObject } from '../../kube/resource.ts';
import type { LiveDeployment } from '../../objects/live-objects.ts';

/** What there is of a pool: its declaration, its plan and what was made for it so far. */
export interface PoolState {
  readonly pool: SendingPool;
  readonly plan: Plan;
  readonly deployments: readonly LiveDeployment[];
  readonly serviceAccounts: readonly KubeObject[];
  readonly disruptionBudgets: readonly KubeObject[];
  readonly networkPolicies: readonly KubeObject[];
}

/** As the caches show it now. */
export function gatherPool(pool: SendingPool, plan: Plan, caches: OperatorCaches): PoolState {
  const key = `${pool.metadata.namespace}/${pool.metadata.name}`;
  const isOfThisPool = ({ metadata }: KubeObject): boolean =>
    metadata.ownerReferences?.some(({ uid }) => uid === pool.metadata.uid) ?? false;
  return {
    pool,
    plan,
    deployments: caches.deployments.cache.byIndex(BY_POOL, key).filter(isOfThisPool),
    serviceAccounts: caches.serviceAccounts.cache.byIndex(BY_POOL, key).filter(isOfThisPool),
    disruptionBudgets: caches.disruptionBudgets.cache.byIndex(BY_POOL, key).filter(isOfThisPool),
    networkPolicies: caches.networkPolicies.cache.byIndex(BY_POOL, key).filter(isOfThisPool),
  };
}

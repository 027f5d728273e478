import { PLAN_SCHEMA_VERSION, planSchema, type Plan } from '../../api/plan.ts';
import type { PlanLedger } from '../ports/plan-ledger.ts';
import type { PoolKey } from '../ports/queue-ledger.ts';
import type { PoolState } from './pool-state.ts';

/** Plans in memory. */
export function createPlanModel(poolOf: (key: PoolKey) => PoolState): PlanLedger {
  const kept = new Map<string, PoolKey>();
  return {
    async publish(plan, keeper) {
      const { namespace, pool: name } = plan;
      if (keeper !== undefined) kept.set(`${keeper} ${namespace}/${name}`, { namespace, pool: name });
      const pool = poolOf(plan);
      if (pool.plan?.revision !== plan.revision) pool.plan = structuredClone(plan);
    },
    async revision(pool) {
      return poolOf(pool).plan?.revision;
    },
    async read(pool) {
      const { plan } = poolOf(pool);
      return plan && checked(plan);
    },
    async kept(keeper) {
      return [...kept].filter(([key]) => key.startsWith(`${keeper} `)).map(([, pool]) => pool);
    },
    async withdraw(pool, keeper) {
      kept.delete(`${keeper} ${pool.namespace}/${pool.pool}`);
      delete poolOf(pool).plan;
    },
  };
}

/** True when the plan lets the campaign's messages go: by `route` if one is given, else at all. */
export function isOpen(plan: Plan | undefined, campaign: string, route?: string): boolean {
  if (plan === undefined || plan.suspended) return false;
  if (!isFree(plan.campaigns.find(({ name }) => name === campaign))) return false;
  if (route === undefined) return true;
  return isFree([...plan.mailboxes, ...plan.esps].find((known) => known.route === route));
}

function isFree(of: { readonly suspended: boolean; readonly blocked?: unknown } | undefined): boolean {
  return of !== undefined && !of.suspended && of.blocked === undefined;
}

function checked(plan: Plan): Plan {
  if (plan.schema > PLAN_SCHEMA_VERSION) {
    throw new Error(
      `The plan of pool ${plan.namespace}/${plan.pool} has schema ${plan.schema}, this program knows up to ` +
        `${PLAN_SCHEMA_VERSION}: upgrade the sender.`,
    );
  }
  return planSchema.parse(plan);
}

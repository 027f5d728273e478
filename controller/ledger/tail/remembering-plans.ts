import type { PlanLedger } from '../../domain/ports/plan-ledger.ts';
import type { PoolKey } from '../../domain/ports/queue-ledger.ts';
import type { Replay, Replays } from './replays.ts';

/** Plans, each change remembered. */
export function rememberingPlans(plans: PlanLedger, replays: Replays): PlanLedger {
  /** Only in the place of what it replaced: another process may have published a later one. */
  const remember = (pool: PoolKey, before: string | undefined, replay: Replay): void =>
    replays.add(async (ledger) => {
      if ((await ledger.plans.revision(pool)) === before) await replay(ledger);
    });
  return {
    async publish(plan, keeper) {
      const before = await plans.revision(plan);
      await plans.publish(plan, keeper);
      if (before !== plan.revision) remember(plan, before, (ledger) => ledger.plans.publish(plan, keeper));
    },
    async withdraw(pool, keeper) {
      const before = await plans.revision(pool);
      await plans.withdraw(pool, keeper);
      if (before !== undefined) remember(pool, before, (ledger) => ledger.plans.withdraw(pool, keeper));
    },
    kept: (keeper) => plans.kept(keeper),
    revision: (pool) => plans.revision(pool),
    read: (pool) => plans.read(pool),
  };
}

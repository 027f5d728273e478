import type { Plan } from '../../api/plan.ts';
import type { PoolKey } from './queue-ledger.ts';

/** The plan of each pool: written by the operator (or `mailers run`), read by the senders. */
export interface PlanLedger {
  /**
   * Publishes the plan; what it suspends or blocks is refused by `begin` from this moment. Publishing the same revision again is a no-op. `keeper` is who will
   * withdraw it when nothing declares the pool any more: see `kept`.
   */
  publish(plan: Plan, keeper?: string): Promise<void>;
  /** Pools whose plan this keeper published and did not withdraw, in any order: also those that were deleted while nobody looked. */
  kept(keeper: string): Promise<readonly PoolKey[]>;
  /** Revision in force; undefined = no plan. Cheap: asked several times a second. */
  revision(pool: PoolKey): Promise<string | undefined>;
  /** The plan in force, checked against its schema. Rejects a plan of a newer schema than this program knows. */
  read(pool: PoolKey): Promise<Plan | undefined>;
  /** Withdraws the plan of a deleted pool: senders stop. Its keeper need not know of it any more. */
  withdraw(pool: PoolKey, keeper?: string): Promise<void>;
}

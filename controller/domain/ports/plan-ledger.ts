import type { Plan } from '../../api/plan.ts';
import type { PoolKey } from './queue-ledger.ts';

/** The plan of each pool: written by the operator (or `mailers run`), read by the senders. */
export interface PlanLedger {
  /** Publishes the plan; what it suspends is refused by `begin` from this moment. Publishing the same revision again is a no-op. */
  publish(plan: Plan): Promise<void>;
  /** Revision in force; undefined = no plan. Cheap: asked several times a second. */
  revision(pool: PoolKey): Promise<string | undefined>;
  /** The plan in force, checked against its schema. Rejects a plan of a newer schema than this program knows. */
  read(pool: PoolKey): Promise<Plan | undefined>;
  /** Withdraws the plan of a deleted pool: senders stop. */
  withdraw(pool: PoolKey): Promise<void>;
}

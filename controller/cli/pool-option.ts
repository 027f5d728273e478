import type { Plan } from '../api/plan.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { PoolKey } from '../domain/ports/queue-ledger.ts';

/** Reads NAMESPACE/NAME; throws one sentence when it is something else. */
export function poolKeyOf(text: string): PoolKey {
  const [namespace = '', pool = '', ...more] = text.split('/');
  if (namespace === '' || pool === '' || more.length > 0)
    throw new Error(`Pool ${text}: must be NAMESPACE/NAME`);
  return { namespace, pool };
}

/** The plan in force of a pool; throws when there is none. */
export async function planInForce(ledger: Pick<Ledger, 'plans'>, text: string): Promise<Plan> {
  const plan = await ledger.plans.read(poolKeyOf(text));
  if (plan) return plan;
  throw new Error(
    `The ledger has no plan of pool ${text}: is it the right ledger (REDIS_URL), and the name?`,
  );
}

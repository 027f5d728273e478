import { PLAN_SCHEMA_VERSION, planSchema, type Plan } from '../api/plan.ts';
import type { PlanLedger } from '../domain/ports/plan-ledger.ts';
import type { PoolKey } from '../domain/ports/queue-ledger.ts';
import { expirePool, keepPool } from './retention.ts';
import type { Store } from './store.ts';

/** Plans in Redis, each with its gates: what the claim and the last gate before the wire read. See lua/plan-*.lua. */
export class RedisPlanLedger implements PlanLedger {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async publish(plan: Plan, keeper?: string): Promise<void> {
    const key = this.#key(plan);
    // First, so that no plan is ever in force that its keeper cannot find again.
    if (keeper !== undefined) await this.#keep(keeper, plan);
    const reply = await this.#store.runGuarded(
      'plan-publish',
      key,
      [key],
      [plan.revision, plan.schema, JSON.stringify(plan), ...gatesOf(plan)],
    );
    this.#store.identity.note(key);
    if (reply === 'again') await keepPool(this.#store, plan);
  }

  async revision(pool: PoolKey): Promise<string | undefined> {
    const [revision] = await this.#fields(pool, 'revision');
    return revision;
  }

  async read(pool: PoolKey): Promise<Plan | undefined> {
    const [schema, body] = await this.#fields(pool, 'schema', 'body');
    if (schema === undefined || body === undefined) return undefined;
    const name = `the plan of the pool ${pool.namespace}/${pool.pool}`;
    if (Number(schema) > PLAN_SCHEMA_VERSION) {
      throw new Error(
        `${name} has schema ${schema}, this program knows ${PLAN_SCHEMA_VERSION}: run the same version as the operator`,
      );
    }
    const parsed = planSchema.safeParse(JSON.parse(body));
    if (!parsed.success) {
      throw new Error(`${name} is not valid, let the operator write it again: ${parsed.error.message}`);
    }
    return parsed.data;
  }

  async kept(keeper: string): Promise<readonly PoolKey[]> {
    const names = await this.#store.ask((client) => client.hkeys(this.#store.keys.keptPlans(keeper)));
    return names.map((name) => {
      const slash = name.indexOf('/');
      return { namespace: name.slice(0, slash), pool: name.slice(slash + 1) };
    });
  }

  async withdraw(pool: PoolKey, keeper?: string): Promise<void> {
    const key = this.#key(pool);
    await this.#store.runGuarded('plan-withdraw', key, [key], []);
    await expirePool(this.#store, pool);
    if (keeper === undefined) return;
    const kept = this.#store.keys.keptPlans(keeper);
    await this.#store.ask((client) => client.hdel(kept, nameOf(pool)));
  }

  async #keep(keeper: string, pool: PoolKey): Promise<void> {
    const kept = this.#store.keys.keptPlans(keeper);
    await this.#store.ask((client) => client.hset(kept, nameOf(pool), ''));
  }

  async #fields(pool: PoolKey, ...names: readonly string[]): Promise<(string | undefined)[]> {
    const key = this.#key(pool);
    const reply = await this.#store.runGuarded('plan-read', key, [key], names);
    const values = Array.isArray(reply) ? (reply as (string | null)[]) : [];
    if (values[0] !== null) this.#store.identity.note(key);
    return values.map((value) => value ?? undefined);
  }

  #key(pool: PoolKey): string {
    return this.#store.keys.pool(pool).plan;
  }
}

function nameOf({ namespace, pool }: PoolKey): string {
  return `${namespace}/${pool}`;
}

/**
 * What may send by this plan, as field and value: the pool, its campaigns, its routes. What is blocked is as closed as what is suspended: its
 * template or suppression list may be missing, also for messages that wait or are in somebody's hands.
 */
function gatesOf(plan: Plan): string[] {
  const gate = (name: string, of: { readonly suspended: boolean; readonly blocked?: unknown }): string[] => [
    name,
    of.suspended || of.blocked !== undefined ? 'closed' : 'open',
  ];
  return [
    ...gate('pool', plan),
    ...plan.campaigns.flatMap((campaign) => gate(`c/${campaign.name}`, campaign)),
    ...[...plan.mailboxes, ...plan.esps].flatMap((route) => gate(`r/${route.route}`, route)),
  ];
}

import type { PoolKey } from '../domain/ports/queue-ledger.ts';
import type { Store } from './store.ts';

/** More than a lease may differ from the longest one that was asked for: what the ledger is told again counts a little longer. */
const LEASE_MARGIN_MS = 2_000;
/** Begins the field of a route in the hash of a plan. */
const ROUTE_FIELD = 'r/';

/**
 * Times of pools that are kept by the server's clock. Whoever serves a pool sees to it, after each correction of the clock, that nothing waits
 * longer because the clock was set back.
 */
export class PoolClocks {
  readonly #store: Store;
  /** The last correction that each pool is known to follow. */
  readonly #followed = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  async follow(pool: PoolKey, leaseMs: number): Promise<void> {
    const { identity, keys } = this.#store;
    const { correctionMs } = identity.clock;
    const { plan, campaigns, senders, schedule } = keys.pool(pool);
    if (this.#followed.get(plan) === correctionMs) return;
    const routes = await this.#routesOf(pool);
    await this.#store.runGuarded(
      'queue-follow-clock',
      plan,
      [
        plan,
        campaigns,
        senders,
        schedule,
        keys.due(pool, { kind: 'Any' }),
        keys.due(pool, { kind: 'Esp' }),
        ...routes.map((route) => keys.due(pool, { kind: 'Route', route })),
      ],
      [correctionMs, leaseMs + LEASE_MARGIN_MS],
    );
    this.#followed.set(plan, correctionMs);
  }

  /** Those of the plan, and those that left it: messages may still be bound to them. */
  async #routesOf(pool: PoolKey): Promise<string[]> {
    const { plan, routes } = this.#store.keys.pool(pool);
    const [inPlan, counted] = await Promise.all([
      this.#store.ask((client) => client.hkeys(plan)),
      this.#store.ask((client) => client.hkeys(routes)),
    ]);
    const named = inPlan.filter((field) => field.startsWith(ROUTE_FIELD));
    return [
      ...new Set([
        ...named.map((field) => field.slice(ROUTE_FIELD.length)),
        ...counted.map((field) => field.split('\t', 1).join()),
      ]),
    ];
  }
}

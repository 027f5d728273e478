import type { PoolKey } from '../domain/ports/queue-ledger.ts';
import type { Store } from './store.ts';

/** What a pool or a campaign did is kept so long after its end, ms: who makes it again by the same name mails nobody twice. */
export const RETENTION_MS = 365 * 86_400_000;

/** Starts the retention of everything that a withdrawn pool has. */
export async function expirePool(store: Store, pool: PoolKey): Promise<void> {
  const keys = await keysOf(store, pool);
  await Promise.all(keys.map((key) => store.ask((client) => client.pexpire(key, RETENTION_MS))));
}

/** Ends the retention: the pool is there again. */
export async function keepPool(store: Store, pool: PoolKey): Promise<void> {
  const keys = await keysOf(store, pool);
  await Promise.all(keys.map((key) => store.ask((client) => client.persist(key))));
}

/** All that a pool has, but for what has a TTL of its own: leases, and campaigns that were cancelled before. */
async function keysOf(store: Store, pool: PoolKey): Promise<string[]> {
  const { keys } = store;
  const { evicted: _evicted, lanes: _lanes, laneStates: _states, ...own } = keys.pool(pool);
  const [counters, tallies, senders] = await Promise.all([
    store.ask((client) => client.hkeys(own.campaigns)),
    store.ask((client) => client.hkeys(own.routes)),
    store.ask((client) => client.zrange(own.senders, 0, '-1')),
  ]);
  const ended = new Set(campaignsWith('/endedMs', counters));
  const campaigns = campaignsWith('/rows', counters).filter((campaign) => !ended.has(campaign));
  const routes = new Set(tallies.flatMap((field) => field.split('\t', 1)));
  return [
    ...Object.values(own),
    keys.due(pool, { kind: 'Any' }),
    keys.due(pool, { kind: 'Esp' }),
    ...[...routes].map((route) => keys.due(pool, { kind: 'Route', route })),
    ...campaigns.flatMap((campaign) => Object.values(keys.campaign({ ...pool, campaign }))),
    ...senders.map((senderId) => keys.claims({ ...pool, senderId })),
  ];
}

/** Campaigns that have a counter of this name. */
function campaignsWith(name: string, counters: readonly string[]): string[] {
  return counters.flatMap((field) => (field.endsWith(name) ? [field.slice(0, -name.length)] : []));
}

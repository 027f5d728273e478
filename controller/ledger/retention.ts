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

async function keysOf(store: Store, pool: PoolKey): Promise<string[]> {
  const { keys } = store;
  const own = keys.pool(pool);
  const [counters, waiting, senders] = await Promise.all([
    store.ask((client) => client.hkeys(own.campaigns)),
    store.ask((client) => client.hkeys(own.routes)),
    store.ask((client) => client.zrange(own.senders, 0, '-1')),
  ]);
  const campaigns = new Set(
    counters.flatMap((field) => (field.endsWith('/rows') ? [field.slice(0, -5)] : [])),
  );
  const routes = new Set(waiting.flatMap((field) => field.split('\t', 1)));
  return [
    ...Object.values(own),
    keys.due(pool, { kind: 'Any' }),
    keys.due(pool, { kind: 'Esp' }),
    ...[...routes].map((route) => keys.due(pool, { kind: 'Route', route })),
    ...[...campaigns].flatMap((campaign) => Object.values(keys.campaign({ ...pool, campaign }))),
    ...senders.map((senderId) => keys.claims({ ...pool, senderId })),
  ];
}

import type {
  Evidence,
  FollowUp,
  MessageKey,
  PoolKey,
  SettleAnswer,
  UncertainMessage,
} from '../domain/ports/queue-ledger.ts';
import { classOf, constraintOf } from './keys.ts';
import { messageId, messageKeyOf } from './message-key.ts';
import { oneOf } from './reply.ts';
import type { Store } from './store.ts';

const PAGE = 500;

/** Uncertain messages of a pool, at most `limit`, in no order. */
export async function readUncertain(store: Store, pool: PoolKey, limit: number): Promise<UncertainMessage[]> {
  const { uncertain } = store.keys.pool(pool);
  const found = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, fields] = await store.ask((client) => client.hscan(uncertain, cursor, 'COUNT', PAGE));
    for (let index = 0; index < fields.length; index += 2) {
      found.set(fields[index] ?? '', fields[index + 1] ?? '');
    }
    cursor = next;
  } while (cursor !== '0' && found.size < limit);
  return [...found].slice(0, limit).map(([id, kept]) => uncertainOf(id, kept));
}

/** Evidence about an Uncertain message. */
export async function resolveUncertain(
  store: Store,
  pool: PoolKey,
  found: {
    readonly key: MessageKey;
    readonly evidence: Evidence;
    readonly followUp: FollowUp | undefined;
  },
): Promise<SettleAnswer> {
  const { keys } = store;
  const { plan, campaigns, waiting, schedule, uncertain, settled, routes } = keys.pool(pool);
  const { campaign, step, row } = found.key;
  const kept = await store.ask((client) => client.hget(uncertain, messageId(found.key)));
  const waits = waitsAs(kept?.split('\t') ?? [], found.evidence);
  const reply = await store.runGuarded(
    'queue-resolve',
    plan,
    [
      plan,
      campaigns,
      waiting,
      schedule,
      uncertain,
      settled,
      routes,
      keys.due(pool, constraintOf(waits)),
      keys.campaign({ ...pool, campaign }).outcomes,
      keys.due(pool, { kind: 'Any' }),
    ],
    [campaign, step, row, waits, found.evidence, found.followUp?.step ?? '', found.followUp?.dueInMs ?? 0],
  );
  return oneOf(['Ok', 'Fenced'], reply);
}

/** The class in which it waits when it goes back to the queue; see lua/include/claim-record.lua. */
function waitsAs(kept: readonly string[], evidence: Evidence): string {
  const [, route] = kept;
  return evidence === 'Repeat' && route !== undefined
    ? classOf({ kind: 'Route', route })
    : (kept[6] ?? 'any');
}

function uncertainOf(id: string, kept: string): UncertainMessage {
  const [, route = '', messageId = '', attempts, began, , , , , , keyed = ''] = kept.split('\t');
  return {
    key: messageKeyOf(id),
    route,
    messageId,
    attempts: Number(attempts),
    beganMs: Number(began),
    ...(keyed !== '' && { keyedMs: Number(keyed) }),
  };
}

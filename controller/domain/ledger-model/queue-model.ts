import type { BeginAnswer, BeginRequest, PoolKey, QueueLedger, SenderKey } from '../ports/queue-ledger.ts';
import { claim } from './claim-model.ts';
import { isOpen } from './plan-model.ts';
import { messageId, store, type PoolState } from './pool-state.ts';
import { reconcile, recover, resolve, uncertain } from './recovery-model.ts';
import { restate } from './restate-model.ts';
import { settle } from './settle-model.ts';

/** The queue in memory. */
export function createQueueModel(now: () => number, poolOf: (key: PoolKey) => PoolState): QueueLedger {
  return {
    async claim(sender, demand) {
      return claim(poolOf(sender), sender, demand, now());
    },
    async begin(sender, request) {
      return begin(poolOf(sender), sender, request, now());
    },
    async settle(sender, request) {
      return settle(poolOf(sender), sender, request, now());
    },
    async reconcile(sender, held) {
      reconcile(poolOf(sender), sender.senderId, held, now());
    },
    async recover(pool) {
      return recover(poolOf(pool), now());
    },
    async uncertain(pool, limit) {
      return uncertain(poolOf(pool)).slice(0, limit);
    },
    async resolve(pool, key, evidence, followUp) {
      return resolve(poolOf(pool), key, { evidence, followUp }, now());
    },
    async restate(sender, restatement) {
      return restate(poolOf(sender), sender, restatement, now());
    },
  };
}

function begin(pool: PoolState, sender: SenderKey, request: BeginRequest, nowMs: number): BeginAnswer {
  const { claim, route, laneFence, messageId: mailId, attempt, keyedMs } = request;
  const message = pool.messages.get(messageId(claim.key));
  const isOurs = message?.place.kind === 'Held' && message.place.senderId === sender.senderId;
  if (!isOurs || message.place.token !== claim.token) return 'Fenced';
  const lane = pool.lanes.get(route);
  if (lane?.owner !== sender.senderId || lane.fence !== laneFence) return 'LaneLost';
  if (!isOpen(pool.plan, claim.key.campaign, route)) return 'Paused';
  const { overflow } = attempt;
  const keyed = keyedMs !== undefined && { keyedMs };
  const wire = { route, messageId: mailId, beganMs: nowMs, attempt, overflow, ...keyed };
  store(pool, { ...message, place: { ...message.place, wire } }, nowMs);
  return 'Ok';
}

import type { Claim, ClaimBatch, ClaimDemand, Constraint, SenderKey } from '../ports/queue-ledger.ts';
import { isOpen } from './plan-model.ts';
import { campaignOf, messagesOf, store, type Message, type PoolState } from './pool-state.ts';

/** Hands out what the sender has room for; see `QueueLedger.claim`. */
export function claim(pool: PoolState, sender: SenderKey, demand: ClaimDemand, nowMs: number): ClaimBatch {
  const taken = pool.senders.has(sender.senderId) ? choose(pool, demand, nowMs) : [];
  const claims = taken.map((message) => handOut(pool, sender, message, nowMs));
  const dueMs = waiting(pool).map(({ dueMs }) => dueMs);
  return {
    claims,
    planRevision: pool.plan?.revision ?? '',
    isCutShort: false,
    ...(dueMs.length > 0 && { nextDueMs: Math.min(...dueMs) }),
  };
}

function choose(pool: PoolState, demand: ClaimDemand, nowMs: number): Message[] {
  const { exhausted = [] } = demand;
  const due = waiting(pool)
    .filter(({ dueMs, limit }) => (limit === undefined ? dueMs <= nowMs : !exhausted.includes(limit)))
    .filter(({ message }) => isOpen(pool.plan, message.key.campaign))
    .sort((a, b) => a.dueMs - b.dueMs)
    .map(({ message }) => message);
  const first = (count: number, fits: (constraint: Constraint) => boolean): Message[] =>
    due.filter(({ constraint }) => fits(constraint)).slice(0, count);
  const bound = Object.entries(demand.routes).flatMap(([route, count]) =>
    first(count, (constraint) => constraint.kind === 'Route' && constraint.route === route),
  );
  const forEsp = first(demand.esp, ({ kind }) => kind === 'Esp');
  const any = first(demand.any, ({ kind }) => kind === 'Any');
  return [...bound, ...forEsp, ...any, ...fresh(pool, demand.campaigns, demand.any - any.length)];
}

/** Fresh messages, one campaign after the other; the next call goes on with the campaign after the last one served. */
function fresh(pool: PoolState, campaigns: readonly string[], count: number): Message[] {
  const sources = campaigns.map((campaign) =>
    isOpen(pool.plan, campaign)
      ? messagesOf(pool, campaign).filter(({ place }) => place.kind === 'Fresh')
      : [],
  );
  const taken: Message[] = [];
  while (taken.length < count && sources.some((source) => source.length > 0)) {
    const next = sources[pool.turn % sources.length]?.shift();
    pool.turn += 1;
    if (next !== undefined) taken.push(next);
  }
  return taken;
}

function handOut(pool: PoolState, sender: SenderKey, message: Message, nowMs: number): Claim {
  pool.lastToken += 1;
  const token = `${sender.senderId}.${pool.lastToken}`;
  const place = { kind: 'Held', senderId: sender.senderId, token } as const;
  store(pool, { ...message, token, place }, nowMs);
  campaignOf(pool, message.key.campaign).startedMs ??= nowMs;
  const { key, attempts, firstAttemptMs, constraint, overflow, repeatOf } = message;
  const start = firstAttemptMs !== undefined && { firstAttemptMs };
  const repeat = repeatOf !== undefined && { repeatOf };
  return { key, token, attempts, constraint, overflow, ...start, ...repeat };
}

function waiting(pool: PoolState): { message: Message; dueMs: number; limit?: string }[] {
  return [...pool.messages.values()].flatMap((message) =>
    message.place.kind === 'Waiting' ? [{ ...message.place, message }] : [],
  );
}

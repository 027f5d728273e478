import { campaignOf, store, tallyOf, type Message, type OnWire, type PoolState } from './pool-state.ts';

type Waiting = Message & { readonly place: { readonly kind: 'Waiting' } };

/** Lets a message wait; when its campaign has ended meanwhile, it ends with it. */
export function waitOrEnd(pool: PoolState, message: Waiting, nowMs: number): void {
  if (campaignOf(pool, message.key.campaign).hasEnded) endUntold(pool, message, nowMs);
  else store(pool, message, nowMs);
}

/** Ends a message that waits or would wait: Cancelled; or, a repeat, as Uncertain as what it repeats. */
export function endUntold(pool: PoolState, message: Message, nowMs: number): void {
  const wire = repeatedAttempt(message, nowMs);
  if (wire === undefined) {
    store(pool, { ...message, place: { kind: 'Ended', outcome: 'Cancelled' } }, nowMs);
    return;
  }
  tallyOf(pool, wire.route).uncertain += 1;
  store(pool, { ...message, place: { kind: 'Uncertain', wire } }, nowMs);
}

function repeatedAttempt({ repeatOf, constraint, overflow }: Message, nowMs: number): OnWire | undefined {
  if (repeatOf === undefined) return undefined;
  const { dateMs, messageId } = repeatOf;
  const route = constraint.kind === 'Route' ? constraint.route : '';
  return { route, messageId, beganMs: nowMs, keyedMs: dateMs, overflow };
}

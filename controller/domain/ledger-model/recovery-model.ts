import type { AttemptRecord } from '../../api/attempt.ts';
import type {
  Evidence,
  FollowUp,
  MessageKey,
  SettleAnswer,
  UncertainMessage,
} from '../ports/queue-ledger.ts';
import { isAlive } from './lane-model.ts';
import { LOST_ATTEMPT } from '../lost-attempt.ts';
import {
  campaignOf,
  keepRecord,
  messageId,
  store,
  tallyOf,
  type Begun,
  type Message,
  type OnWire,
  type PoolState,
} from './pool-state.ts';
import { startFollowUp } from './settle-model.ts';
import { waitOrEnd } from './wait-model.ts';

/** A message with its holder. */
interface Holding {
  readonly message: Message;
  readonly senderId: string;
  readonly token: string;
  readonly wire?: Begun;
}

/** Takes the claims of senders that are silent and declares those dead; see `QueueLedger.recover`. */
export function recover(pool: PoolState, nowMs: number): UncertainMessage[] {
  for (const senderId of [...pool.senders.keys()].filter((id) => !isAlive(pool, id, nowMs))) {
    pool.senders.delete(senderId);
    pool.evicted.add(senderId);
  }
  const lost = held(pool).filter(({ senderId }) => !isAlive(pool, senderId, nowMs));
  for (const holding of lost) takeBack(pool, holding, nowMs);
  const taken = new Set(lost.map(({ message }) => messageId(message.key)));
  return uncertain(pool).filter((message) => taken.has(messageId(message.key)));
}

/** Takes the claims that their sender no longer knows; see `QueueLedger.reconcile`. */
export function reconcile(pool: PoolState, senderId: string, known: readonly string[], nowMs: number): void {
  const own = held(pool).filter((holding) => holding.senderId === senderId);
  for (const holding of own.filter(({ token }) => !known.includes(token))) takeBack(pool, holding, nowMs);
}

export function uncertain(pool: PoolState): UncertainMessage[] {
  return [...pool.messages.values()].flatMap(({ key, attempts, place }) =>
    place.kind === 'Uncertain' ? [{ key, attempts, ...known(place.wire) }] : [],
  );
}

function known({ overflow: _told, ...wire }: OnWire): Omit<UncertainMessage, 'key' | 'attempts'> {
  return wire;
}

/** Evidence about an Uncertain message; see `QueueLedger.resolve`. */
export function resolve(
  pool: PoolState,
  key: MessageKey,
  { evidence, followUp }: { evidence: Evidence; followUp: FollowUp | undefined },
  nowMs: number,
): SettleAnswer {
  const message = pool.messages.get(messageId(key));
  if (message?.place.kind !== 'Uncertain') return isDone(message, evidence) ? 'Ok' : 'Fenced';
  const { wire } = message.place;
  const repeat = evidence === 'Repeat' ? repeatOf(pool, key, wire) : {};
  if (repeat === undefined) return 'Fenced';
  const tally = tallyOf(pool, wire.route);
  tally.uncertain -= 1;
  const { token: _taken, repeatOf: _repeated, ...free } = message;
  if (evidence === 'Delivered') {
    tally.sent += 1;
    store(pool, { ...free, place: { kind: 'Ended', outcome: 'Delivered' } }, nowMs);
    startFollowUp(pool, message, followUp, nowMs);
  } else {
    const beganMs = message.attempts > 0 ? wire.beganMs : undefined;
    const firstAttemptMs = message.firstAttemptMs ?? beganMs;
    const first = firstAttemptMs !== undefined && { firstAttemptMs };
    waitOrEnd(pool, { ...free, ...first, ...repeat, place: { kind: 'Waiting', dueMs: nowMs } }, nowMs);
  }
  return 'Ok';
}

/** As what it goes back to the queue; undefined = it has no key, or its campaign has ended. */
function repeatOf(
  pool: PoolState,
  { campaign }: MessageKey,
  { route, messageId, keyedMs, overflow }: OnWire,
): Partial<Message> | undefined {
  if (keyedMs === undefined || campaignOf(pool, campaign).hasEnded) return undefined;
  return { constraint: { kind: 'Route', route }, overflow, repeatOf: { dateMs: keyedMs, messageId } };
}

function isDone(message: Message | undefined, evidence: Evidence): boolean {
  if (message === undefined) return false;
  const { place } = message;
  return evidence === 'Delivered'
    ? place.kind === 'Ended' && place.outcome === 'Delivered'
    : place.kind === 'Waiting' ||
        (evidence === 'NotAccepted' && place.kind === 'Ended' && place.outcome === 'Cancelled');
}

/** On the wire → Uncertain, its token still good for evidence; else back to the queue, its token good for nothing. */
function takeBack(pool: PoolState, { message, wire }: Holding, nowMs: number): void {
  if (wire === undefined) {
    const { token: _taken, ...free } = message;
    waitOrEnd(pool, { ...free, place: { kind: 'Waiting', dueMs: nowMs } }, nowMs);
    return;
  }
  tallyOf(pool, wire.route).uncertain += 1;
  const { attempt: _noted, ...onWire } = wire;
  const attempts = message.attempts + 1;
  const lostAttempt = keepRecord(pool, lostRecord(pool, message, wire, nowMs));
  const place = { kind: 'Uncertain', wire: onWire, lostAttempt } as const;
  store(pool, { ...message, attempts, place }, nowMs);
}

/** The record of an attempt whose sender did not live to write one. It lasted until it was found out. */
function lostRecord(pool: PoolState, message: Message, wire: Begun, nowMs: number): AttemptRecord {
  const { route, messageId: mailId, beganMs, attempt } = wire;
  const { namespace, pool: name } = pool.key;
  return {
    ...LOST_ATTEMPT,
    timeMs: nowMs,
    namespace,
    pool: name,
    ...message.key,
    ...attempt,
    messageId: mailId,
    attempt: message.attempts + 1,
    route,
    durationMs: nowMs - beganMs,
  };
}

function held(pool: PoolState): Holding[] {
  return [...pool.messages.values()].flatMap((message) =>
    message.place.kind === 'Held' ? [{ message, ...message.place }] : [],
  );
}

import type { AttemptRecord } from '../../api/attempt.ts';
import type { FollowUp, SenderKey, SettleAnswer, Settlement, SettleRequest } from '../ports/queue-ledger.ts';
import {
  keepRecord,
  messageId,
  newMessage,
  store,
  tallyOf,
  type Message,
  type OnWire,
  type PoolState,
} from './pool-state.ts';
import { waitOrEnd } from './wait-model.ts';

type Terminal = Extract<Settlement, { kind: 'Terminal' }>;
interface Attempt {
  readonly message: Message;
  readonly wire: OnWire | undefined;
}
type Later = Exclude<Settlement, { kind: 'Terminal' }>;

/** Ends a claim; see `QueueLedger.settle`. */
export function settle(
  pool: PoolState,
  sender: SenderKey,
  request: SettleRequest,
  nowMs: number,
): SettleAnswer {
  const answer = settleOne(pool, sender, request, nowMs);
  if (answer === 'Ok') pool.settled.add(request.claim.token);
  return answer;
}

/** Keeps only the record of an attempt whose message has gone on without it. */
export function reportOvertaken(pool: PoolState, request: SettleRequest, nowMs: number): void {
  const { claim, settlement, record, route } = request;
  const outcome = settlement.kind === 'Terminal' ? settlement.outcome : settlement.kind;
  // What came back untried leaves no record, and one that was Uncertain may have been resolved since.
  if (outcome === 'Returned' || outcome === 'Limited' || outcome === 'Uncertain') return;
  if (record === undefined || route === undefined) return;
  if (outcome === 'Deferred') tallyOf(pool, route).deferred += 1;
  else count(pool, route, { outcome, isOverflow: false });
  keep(pool, record, route, nowMs);
  pool.settled.add(claim.token);
}

function settleOne(pool: PoolState, sender: SenderKey, request: SettleRequest, nowMs: number): SettleAnswer {
  const message = pool.messages.get(messageId(request.claim.key));
  if (message?.token !== request.claim.token) return 'Fenced';
  const { place } = message;
  if (place.kind === 'Uncertain') return evidence(pool, { message, place }, request, nowMs);
  if (place.kind !== 'Held') return 'Ok';
  if (place.senderId !== sender.senderId) return 'Fenced';
  conclude(pool, { message, wire: place.wire }, request, nowMs);
  return 'Ok';
}

function conclude(pool: PoolState, attempt: Attempt, request: SettleRequest, nowMs: number): void {
  const { settlement } = request;
  if (settlement.kind === 'Terminal') end(pool, attempt, { request, settlement }, nowMs);
  else putBack(pool, attempt, { request, settlement }, nowMs);
}

/** A message that became Uncertain: its own sender may still know better. */
function evidence(
  pool: PoolState,
  { message, place }: { message: Message; place: Extract<Message['place'], { kind: 'Uncertain' }> },
  request: SettleRequest,
  nowMs: number,
): SettleAnswer {
  const { settlement } = request;
  const { wire, lostAttempt } = place;
  const outcome = settlement.kind === 'Terminal' ? settlement.outcome : undefined;
  const isEnd = outcome === 'Delivered' || outcome === 'Failed';
  if (lostAttempt === undefined && !isEnd) return 'Ok';
  if (outcome === 'Uncertain') return 'Fenced';
  tallyOf(pool, wire.route).uncertain -= 1;
  if (lostAttempt === undefined) {
    conclude(pool, { message, wire }, request, nowMs);
    return 'Ok';
  }
  // As if recovery had not come: the true record, if there was an attempt, takes the place of the one that recovery made.
  pool.attempts.delete(lostAttempt);
  conclude(pool, { message: { ...message, attempts: message.attempts - 1 }, wire }, request, nowMs);
  return 'Ok';
}

function end(
  pool: PoolState,
  { message, wire }: Attempt,
  { request, settlement }: { request: SettleRequest; settlement: Terminal },
  nowMs: number,
): void {
  const { outcome } = settlement;
  const { record, route, followUp } = request;
  const isOverflow = outcome === 'Delivered' && (record?.overflow ?? '') !== '';
  const attempts = message.attempts + (record === undefined ? 0 : 1);
  const place: Message['place'] =
    outcome === 'Uncertain'
      ? { kind: 'Uncertain', wire: wire ?? unbegun(message, request, nowMs) }
      : { kind: 'Ended', outcome };
  store(pool, { ...message, attempts, place, isOverflow }, nowMs);
  if (route !== undefined) count(pool, route, { outcome, isOverflow });
  if (record !== undefined) keep(pool, record, route, nowMs);
  if (outcome === 'Delivered') startFollowUp(pool, message, followUp, nowMs);
}

/** The next step of the sequence waits as a message of its own, unless it was restated before. */
export function startFollowUp(
  pool: PoolState,
  { key }: Message,
  followUp: FollowUp | undefined,
  nowMs: number,
): void {
  if (followUp === undefined || pool.messages.has(messageId({ ...key, step: followUp.step }))) return;
  const due = { kind: 'Waiting', dueMs: nowMs + followUp.dueInMs } as const;
  waitOrEnd(pool, { ...newMessage({ ...key, step: followUp.step }, due), place: due }, nowMs);
}

function putBack(
  pool: PoolState,
  { message, wire }: Attempt,
  { request, settlement }: { request: SettleRequest; settlement: Later },
  nowMs: number,
): void {
  const { dueInMs, constraint, overflow } = settlement;
  const { repeatOf: _was, ...free } = message;
  const repeatOf = 'repeatOf' in settlement ? settlement.repeatOf : undefined;
  const repeat = repeatOf !== undefined && { repeatOf };
  const limit = settlement.kind === 'Limited' && { limit: settlement.limit };
  const place = { kind: 'Waiting', dueMs: nowMs + dueInMs, ...limit } as const;
  if (settlement.kind !== 'Deferred') {
    waitOrEnd(pool, { ...free, ...repeat, place, constraint, overflow }, nowMs);
    return;
  }
  const attempts = message.attempts + 1;
  const firstAttemptMs = message.firstAttemptMs ?? wire?.beganMs ?? nowMs;
  waitOrEnd(pool, { ...free, place, constraint, overflow, attempts, firstAttemptMs }, nowMs);
  if (request.route !== undefined) tallyOf(pool, request.route).deferred += 1;
  if (request.record !== undefined) keep(pool, request.record, request.route, nowMs);
}

function unbegun({ repeatOf, overflow }: Message, { record, route }: SettleRequest, nowMs: number): OnWire {
  const keyed = repeatOf !== undefined && { keyedMs: repeatOf.dateMs };
  return {
    route: route ?? '',
    messageId: record?.messageId ?? repeatOf?.messageId ?? '',
    beganMs: nowMs,
    overflow,
    ...keyed,
  };
}

const COUNTERS = {
  Delivered: 'sent',
  Failed: 'failed',
  Suppressed: 'suppressed',
  Uncertain: 'uncertain',
} as const;

function count(
  pool: PoolState,
  route: string,
  end: { readonly outcome: Terminal['outcome']; readonly isOverflow: boolean },
): void {
  const tally = tallyOf(pool, route);
  if (end.outcome !== 'Cancelled') tally[COUNTERS[end.outcome]] += 1;
  if (end.isOverflow) tally.overflow += 1;
}

function keep(pool: PoolState, record: AttemptRecord, route: string | undefined, nowMs: number): void {
  keepRecord(pool, record);
  if (route === undefined) return;
  const { code, enhancedCode, text } = record;
  const tally = tallyOf(pool, route);
  const reply = tally.replies.get(`${code} ${enhancedCode}`) ?? { code, enhancedCode, count: 0 };
  tally.replies.set(`${code} ${enhancedCode}`, { ...reply, count: reply.count + 1 });
  if (record.class !== 'accepted') {
    const words = code === 0 ? [record.clientError, text] : [String(code), enhancedCode, text];
    tally.lastReply = { text: words.filter((word) => word !== '').join(' '), timeMs: nowMs };
  }
}

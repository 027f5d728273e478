import type { RememberedClaim, RestateAnswer, Restatement, SenderKey } from '../ports/queue-ledger.ts';
import { agedSettlement, numberOfToken, restatementOf, type RestatedPlace } from '../restatement.ts';
import {
  campaignOf,
  messageId,
  newMessage,
  store,
  tallyOf,
  type Message,
  type Place,
  type PoolState,
} from './pool-state.ts';
import { reportOvertaken, settle } from './settle-model.ts';

/** Takes a sender's word for what it did; see `QueueLedger.restate`. */
export function restate(
  pool: PoolState,
  sender: SenderKey,
  { lastToken, claims }: Restatement,
  nowMs: number,
): RestateAnswer[] {
  pool.lastToken = Math.max(pool.lastToken, numberOfToken(lastToken));
  return claims.map((remembered) => restateClaim(pool, sender, remembered, nowMs));
}

function restateClaim(
  pool: PoolState,
  sender: SenderKey,
  remembered: RememberedClaim,
  nowMs: number,
): RestateAnswer {
  const { claim, ended } = remembered;
  if (ended !== undefined && pool.settled.has(claim.token)) return 'Known';
  const message = pool.messages.get(messageId(claim.key));
  if (message?.token === claim.token) return restateOwn(pool, sender, { remembered, message }, nowMs);
  const answer = restatementOf(remembered, placeOf(message, remembered));
  if (answer === 'Restated') {
    holdAgain(pool, sender, { remembered, message }, nowMs);
    if (ended !== undefined) settle(pool, sender, agedSettlement(ended), nowMs);
  } else if (ended !== undefined) reportOvertaken(pool, ended.request, nowMs);
  return answer;
}

/** The claim is still this sender's; what came after it may be lost. */
function restateOwn(
  pool: PoolState,
  sender: SenderKey,
  { remembered, message }: { remembered: RememberedClaim; message: Message },
  nowMs: number,
): RestateAnswer {
  const { ended } = remembered;
  if (message.place.kind !== 'Held') {
    if (ended !== undefined) settle(pool, sender, agedSettlement(ended), nowMs);
    return 'Known';
  }
  const isKnown = ended === undefined && (message.place.wire !== undefined || !remembered.begun);
  store(pool, { ...message, place: heldBy(sender, remembered, nowMs) }, nowMs);
  if (ended !== undefined) settle(pool, sender, agedSettlement(ended), nowMs);
  return isKnown ? 'Known' : 'Restated';
}

function holdAgain(
  pool: PoolState,
  sender: SenderKey,
  { remembered, message }: { remembered: RememberedClaim; message: Message | undefined },
  nowMs: number,
): void {
  const { key, token, attempts, firstAttemptMs, constraint, overflow, repeatOf } = remembered.claim;
  if (message?.place.kind === 'Uncertain') tallyOf(pool, message.place.wire.route).uncertain -= 1;
  const first = {
    ...(firstAttemptMs !== undefined && { firstAttemptMs }),
    ...(repeatOf !== undefined && { repeatOf }),
  };
  const place = heldBy(sender, remembered, nowMs);
  store(pool, { ...newMessage(key, place), token, attempts, constraint, overflow, ...first }, nowMs);
  campaignOf(pool, key.campaign).startedMs ??= nowMs;
}

function heldBy(sender: SenderKey, { claim, begun }: RememberedClaim, nowMs: number): Place {
  const { senderId } = sender;
  if (begun === undefined) return { kind: 'Held', senderId, token: claim.token };
  const { route, messageId: mailId, attempt, keyedMs } = begun.request;
  const { overflow } = attempt;
  const keyed = keyedMs !== undefined && { keyedMs };
  const beganMs = Math.round(nowMs - begun.ageMs);
  const wire = { route, messageId: mailId, attempt, beganMs, overflow, ...keyed };
  return { kind: 'Held', senderId, token: claim.token, wire };
}

function placeOf(message: Message | undefined, { claim }: RememberedClaim): RestatedPlace {
  if (message === undefined) return claim.key.step === 0 ? { kind: 'Fresh' } : { kind: 'Absent' };
  const { place, token = '', attempts } = message;
  const isLater = numberOfToken(token) > numberOfToken(claim.token);
  switch (place.kind) {
    case 'Fresh':
      return place;
    case 'Waiting':
      return { kind: 'Waiting', attempts };
    case 'Held':
      return { kind: 'Held', isLater, isOnWire: place.wire !== undefined };
    case 'Uncertain':
      return { kind: 'Uncertain', isLater };
    case 'Ended':
      return { kind: place.outcome === 'Cancelled' ? 'Cancelled' : 'Ended' };
  }
}

import { suppressionKeys } from '../domain/address/suppression-keys.ts';
import { routeAllowance } from '../domain/quota/room.ts';
import { classifyReply, type Classification } from '../domain/policy/classification.ts';
import type { AudienceRow } from '../domain/ports/audience-ledger.ts';
import type { Claim, SettleRequest } from '../domain/ports/queue-ledger.ts';
import type { Reservation } from '../domain/ports/quota-ledger.ts';
import type { OutgoingMessage, Reply } from '../domain/ports/route.ts';
import { EARNED_LIST } from '../domain/ports/suppression-ledger.ts';
import { asRepeat, endOfClaim } from '../domain/repeat.ts';
import { decideSettlement, type SettlementDecision } from '../domain/settlement.ts';
import { attemptRecord } from './attempt-record.ts';
import type { Delivery, DeliveryContext, DeliveryEnd } from './delivery-context.ts';
import type { Lane } from './lane.ts';
import { reasonOfStop } from './gate.ts';
import { untilRecorded } from './outage.ts';
import { campaignOf, followUpOf, isExpired } from './plan-lookup.ts';
import type { SharedHold } from './shared-limits.ts';

/** What a reply means and what follows. */
interface Judgement {
  readonly classification: Classification;
  readonly decision: SettlementDecision;
}

interface Ended {
  readonly row: AudienceRow;
  readonly message: OutgoingMessage;
  readonly reply: Reply;
  readonly startedMs: number;
}

/** The attempt is over: classify, let the account bear the consequence, write everything down in one settle. */
export async function concludeAttempt(
  context: DeliveryContext,
  delivery: Delivery,
  ended: Ended & { readonly reservations: readonly Reservation[] },
): Promise<DeliveryEnd> {
  const judgement = judge(context, delivery, ended.reply);
  const { classification, decision } = judgement;
  if (classification.isBeforeMessage)
    await untilRecorded(() => context.shared.release(ended.reservations), context);
  await bearConsequence(context, delivery.lane, ended.reply, judgement);
  // Before the end is written down: who is killed in between leaves an Uncertain message, not a dead address that is tried again.
  if (decision.suppress === 'hard') context.keep(suppressHard(context, ended.row));
  await settleAttempt(context, delivery, ended, judgement);
  return 'Settled';
}

/** The lane could not connect or log in: the lane's trouble, recorded with the message that met it, which goes another way. */
export async function concludeRefusedConnection(
  context: DeliveryContext,
  delivery: Delivery,
  ended: Ended,
): Promise<DeliveryEnd> {
  const judgement = judge(context, delivery, ended.reply);
  await bearConsequence(context, delivery.lane, ended.reply, judgement);
  await settleAttempt(context, delivery, ended, judgement);
  return 'Settled';
}

/** The message ends without an attempt: suppressed, no longer declared, or impossible to render. */
export async function concludeWithout(
  context: DeliveryContext,
  delivery: Delivery,
  end:
    | { readonly outcome: 'Suppressed' }
    | { readonly outcome: 'Failed' | 'Cancelled' | 'Uncertain'; readonly problem: string },
): Promise<DeliveryEnd> {
  if (end.outcome !== 'Suppressed')
    context.log.warn({ message: delivery.claim.key, problem: end.problem }, 'Message cannot be made');
  await settle(context, {
    claim: delivery.claim,
    settlement: { kind: 'Terminal', outcome: endOfClaim(delivery.claim, end.outcome) },
    route: delivery.lane.plan.route,
  });
  return 'Settled';
}

/** Waited longer than the campaign allows. */
export async function concludeExpired(context: DeliveryContext, claim: Claim): Promise<void> {
  context.log.warn({ message: claim.key }, 'Message expired while it waited');
  const { constraint } = claim;
  await settle(context, {
    claim,
    settlement: { kind: 'Terminal', outcome: endOfClaim(claim, 'Failed') },
    // Only what is bound to a route was ever handed to one without a known end.
    ...(claim.repeatOf !== undefined && constraint.kind === 'Route' && { route: constraint.route }),
  });
}

/** Back to the queue without an attempt. */
export async function returnClaim(context: DeliveryContext, claim: Claim, dueInMs: number): Promise<void> {
  const settlement = {
    kind: 'Returned',
    dueInMs,
    constraint: claim.constraint,
    overflow: claim.overflow,
    ...asRepeat(claim),
  } as const;
  await settle(context, { claim, settlement });
}

/**
 * Back to the queue for a limit that routes share. A pool's limit holds the whole queue, so its messages need no mark; those of another
 * wait for it apart, so that nobody looks at them before it has room.
 */
export async function waitForLimit(
  context: DeliveryContext,
  { claim }: Delivery,
  { limit, untilMs }: SharedHold,
): Promise<DeliveryEnd> {
  const nowMs = context.ledgerClock.now();
  if (isExpired(context.plan(), claim, nowMs)) await concludeExpired(context, claim);
  else if (limit.kind === 'Pool') await returnClaim(context, claim, 0);
  else {
    const dueInMs = Math.max(0, Math.ceil((untilMs ?? nowMs) - nowMs));
    const { constraint, overflow } = claim;
    const settlement = {
      kind: 'Limited',
      limit: limit.quotaSubject,
      dueInMs,
      constraint,
      overflow,
      ...asRepeat(claim),
    } as const;
    await settle(context, { claim, settlement });
  }
  return 'Settled';
}

function judge(context: DeliveryContext, delivery: Delivery, reply: Reply): Judgement {
  const classification = classifyReply(context.policy, reply);
  return { classification, decision: decide(context, delivery, classification) };
}

function decide(
  context: DeliveryContext,
  delivery: Delivery,
  classification: Classification,
): SettlementDecision {
  const plan = context.plan();
  const { claim, lane, overflow } = delivery;
  return decideSettlement({
    classification,
    claim,
    overflow,
    route: lane.plan.route,
    routeKind: lane.plan.kind,
    connectFailures: lane.failures,
    routing: plan.routing,
    hasEsp: plan.esps.some((esp) => !esp.suspended && !esp.blocked && esp.weight > 0),
    hasOtherRoute: plan.esps.length + plan.mailboxes.length > 1,
    expireAfterMs: campaignOf(plan, claim.key)?.expireAfterMs ?? Number.MAX_SAFE_INTEGER,
    nowMs: context.ledgerClock.now(),
    random: context.random,
  });
}

/** What the reply means for the account: written to the ledger, which tells every sender, and to this lane at once. */
async function bearConsequence(
  context: DeliveryContext,
  lane: Lane,
  reply: Reply,
  { classification, decision }: Judgement,
): Promise<void> {
  if (decision.laneHold) lane.hold(decision.laneHold);
  const { consequence } = classification;
  if (!consequence) return;
  if (consequence.throttle?.maxConnections !== undefined)
    lane.limitConnections(consequence.throttle.maxConnections);
  const stop = await untilRecorded(
    () =>
      context.ledger.quota.applyConsequence(lane.plan.quotaSubject, consequence, {
        text: textOf(reply),
        minStopMs: (classification.retry?.minSeconds ?? 0) * 1000,
        ...routeAllowance(lane.plan),
      }),
    context,
  );
  if (stop)
    lane.hold({
      reason: reasonOfStop(stop),
      message: stop.text,
      ...(stop.untilMs === undefined ? {} : { untilMs: stop.untilMs }),
    });
}

function settleAttempt(
  context: DeliveryContext,
  delivery: Delivery,
  ended: Ended,
  judged: Judgement,
): Promise<void> {
  const { claim, lane, overflow } = delivery;
  const { settlement } = judged.decision;
  const outcome = settlement.kind === 'Terminal' ? settlement.outcome : 'Deferred';
  const record = attemptRecord({
    plan: context.plan(),
    route: lane.plan,
    claim,
    recipient: ended.row.address,
    messageId: ended.message.messageId,
    reply: ended.reply,
    classification: judged.classification,
    outcome,
    overflow,
    startedMs: ended.startedMs,
    endedMs: context.ledgerClock.now(),
  });
  const followUp = outcome === 'Delivered' ? followUpOf(context.plan(), claim.key) : undefined;
  return settle(context, {
    claim,
    settlement,
    record,
    route: lane.plan.route,
    ...(followUp ? { followUp } : {}),
  });
}

async function settle(context: DeliveryContext, request: SettleRequest): Promise<void> {
  const answer = await untilRecorded(() => context.ledger.queue.settle(context.sender(), request), context);
  if (answer === 'Fenced')
    context.log.warn({ message: request.claim.key }, 'Claim was taken away before its end was written');
}

/** A dead address is not tried again by anybody in the namespace. Runs beside the queue: acknowledging takes a moment. */
function suppressHard(context: DeliveryContext, row: AudienceRow): Promise<void> {
  const entry = {
    list: EARNED_LIST,
    keys: suppressionKeys(row.address),
    reason: 'HardBounce',
    address: row.address,
  } as const;
  return untilRecorded(() => context.ledger.suppression.add(context.plan().namespace, entry), context);
}

function textOf(reply: Reply): string {
  const parts = reply.kind === 'NoReply' ? [reply.clientError] : [String(reply.code), reply.enhancedCode];
  return [...parts, reply.text].filter((part) => part !== '').join(' ');
}

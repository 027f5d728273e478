import type { PlanRoute } from '../api/plan.ts';
import type { Reason } from '../api/reasons.ts';
import type { AudienceRow } from '../domain/ports/audience-ledger.ts';
import type { Claim } from '../domain/ports/queue-ledger.ts';
import type { Reservation, ReserveAnswer, Stop } from '../domain/ports/quota-ledger.ts';
import { EARNED_LIST, GUARD_MAX_AGE_MS, type Suppression } from '../domain/ports/suppression-ledger.ts';
import { routeAllowance } from '../domain/quota/room.ts';
import { STOP_REASONS } from '../domain/status/route-state.ts';
import { suppressionKeys } from '../domain/address/suppression-keys.ts';
import type { DeliveryContext } from './delivery-context.ts';
import type { Lane } from './lane.ts';
import { campaignOf } from './plan-lookup.ts';

export type GateAnswer =
  | { readonly kind: 'Open'; readonly reservation: Reservation; isFresh(): boolean }
  /** The lane's quota or pacing says no: the lane is held, the message may go another way. */
  | { readonly kind: 'Held' }
  | { readonly kind: 'Suppressed'; readonly suppression: Suppression }
  | { readonly kind: 'Paused' }
  | { readonly kind: 'LaneLost' }
  | { readonly kind: 'Fenced' };

/** The last checks before the wire, in this order: quota and suppression together, then the claim itself. */
export async function passGate(
  context: DeliveryContext,
  lane: Lane,
  message: { readonly claim: Claim; readonly row: AudienceRow; readonly messageId: string },
): Promise<GateAnswer> {
  await lane.turn(context.clock, context.random);
  await context.lookAtPlan();
  const checkedAt = context.clock.monotonic();
  const { quota, suppression } = await askQuotaAndSuppression(context, lane, message);
  if (!quota.granted) {
    await holdLane(context, lane, quota);
    return suppression ? { kind: 'Suppressed', suppression } : { kind: 'Held' };
  }
  noteGrant(context, lane, quota);
  if (suppression) {
    await context.ledger.quota.release(quota.reservation);
    return { kind: 'Suppressed', suppression };
  }
  const begun = await begin(context, lane, message, quota.reservation);
  if (begun !== 'Ok') return { kind: begun };
  const isFresh = (): boolean => context.clock.monotonic() - checkedAt < GUARD_MAX_AGE_MS;
  return { kind: 'Open', reservation: quota.reservation, isFresh };
}

/** Both at once; a reservation is given back when suppression could not be read, so that an unreadable list burns no quota. */
async function askQuotaAndSuppression(
  context: DeliveryContext,
  lane: Lane,
  message: { readonly claim: Claim; readonly row: AudienceRow },
): Promise<{ quota: ReserveAnswer; suppression: Suppression | undefined }> {
  const [quota, suppression] = await Promise.allSettled([
    reserve(context, lane),
    checkSuppression(context, message),
  ]);
  if (quota.status === 'rejected') throw quota.reason;
  if (suppression.status === 'rejected') {
    if (quota.value.granted) await context.ledger.quota.release(quota.value.reservation);
    throw suppression.reason;
  }
  return { quota: quota.value, suppression: suppression.value };
}

async function begin(
  context: DeliveryContext,
  lane: Lane,
  message: { readonly claim: Claim; readonly messageId: string },
  reservation: Reservation,
): Promise<'Ok' | 'Paused' | 'LaneLost' | 'Fenced'> {
  const answer = await context.ledger.queue.begin(context.sender(), {
    claim: message.claim,
    route: lane.plan.route,
    laneFence: lane.fence,
    messageId: message.messageId,
  });
  if (answer !== 'Ok') await context.ledger.quota.release(reservation);
  return answer;
}

function reserve(context: DeliveryContext, lane: Lane): Promise<ReserveAnswer> {
  const route = lane.plan;
  return context.ledger.quota.reserve({
    subject: route.quotaSubject,
    recipients: 1,
    ...routeAllowance(route),
    minIntervalMs: lane.ledgerIntervalMs,
    jitterMs: lane.ledgerIntervalMs === 0 ? 0 : Math.round(context.random() * route.jitterMs),
  });
}

async function checkSuppression(
  context: DeliveryContext,
  message: { readonly claim: Claim; readonly row: AudienceRow },
): Promise<Suppression | undefined> {
  const plan = context.plan();
  const campaign = campaignOf(plan, message.claim.key);
  const lists = [...new Set([EARNED_LIST, ...plan.suppressionLists, ...(campaign?.suppressionLists ?? [])])];
  const [found] = await context.ledger.suppression.check(plan.namespace, lists, [
    suppressionKeys(message.row.address),
  ]);
  return found;
}

function noteGrant(
  context: DeliveryContext,
  lane: Lane,
  quota: Extract<ReserveAnswer, { granted: true }>,
): void {
  const cap = lane.plan.limits.find(({ name }) => name === 'Day')?.recipients ?? Number.MAX_SAFE_INTEGER;
  lane.noteUsage(quota.used, cap);
  if (quota.nextAtMs > context.ledgerClock.now()) {
    lane.hold({ reason: 'Pacing', untilMs: quota.nextAtMs, message: 'waits for its interval' });
  }
}

async function holdLane(
  context: DeliveryContext,
  lane: Lane,
  quota: Extract<ReserveAnswer, { granted: false }>,
): Promise<void> {
  const untilMs = quota.retryAtMs === undefined ? {} : { untilMs: quota.retryAtMs };
  if (quota.reason !== 'Stopped') {
    lane.hold({ reason: quota.reason, ...untilMs, message: messageOf(quota.reason, lane.plan, quota.used) });
    return;
  }
  const [usage] = await context.ledger.quota.usage([
    { subject: lane.plan.quotaSubject, limits: lane.plan.limits },
  ]);
  const stop = usage?.stop;
  lane.hold({ reason: reasonOfStop(stop), ...untilMs, message: stop?.text ?? 'stopped' });
}

function messageOf(
  reason: 'Pacing' | 'QuotaExhausted' | 'QuotaExceededAtProvider',
  route: PlanRoute,
  used: number,
): string {
  if (reason === 'Pacing') return 'waits for its interval';
  const cap = route.limits.map((limit) => `${limit.recipients} per ${limit.name.toLowerCase()}`).join(', ');
  return reason === 'QuotaExhausted'
    ? `${used} recipients in the window; the limit is ${cap}`
    : `the provider refused for its own limit after ${used} recipients`;
}

/** Why a stopped account's lane takes nothing. A stop that is not told counts as one that a person has to lift. */
export function reasonOfStop(stop: Stop | undefined): Reason {
  return STOP_REASONS[stop?.kind ?? 'Human'];
}

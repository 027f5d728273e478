import type { PlanRoute } from '../api/plan.ts';
import type { Reason } from '../api/reasons.ts';
import type { AudienceRow } from '../domain/ports/audience-ledger.ts';
import type { Claim } from '../domain/ports/queue-ledger.ts';
import type { Reservation, ReserveAnswer, ReserveRequest, Stop } from '../domain/ports/quota-ledger.ts';
import { EARNED_LIST, GUARD_MAX_AGE_MS, type Suppression } from '../domain/ports/suppression-ledger.ts';
import { mayBeSent, type Keyed } from '../domain/repeat.ts';
import { routeAllowance } from '../domain/quota/room.ts';
import { STOP_REASONS } from '../domain/status/route-state.ts';
import { suppressionKeys } from '../domain/address/suppression-keys.ts';
import { accountOf } from './attempt-record.ts';
import type { DeliveryContext } from './delivery-context.ts';
import type { Lane } from './lane.ts';
import { campaignOf } from './plan-lookup.ts';
import type { SharedAnswer, SharedHold } from './shared-limits.ts';

export type GateAnswer =
  | { readonly kind: 'Open'; readonly reservations: readonly Reservation[]; isFresh(): boolean }
  /** The lane's quota or pacing says no: the lane is held, the message may go another way. */
  | { readonly kind: 'Held' }
  /** A limit that the routes share says no: no other way may get around it. */
  | { readonly kind: 'Limited'; readonly hold: SharedHold }
  | { readonly kind: 'Suppressed'; readonly suppression: Suppression }
  /** It is a repeat, and the service would not know it as one. */
  | { readonly kind: 'KeyForgotten' }
  | { readonly kind: 'Paused' }
  | { readonly kind: 'LaneLost' }
  | { readonly kind: 'Fenced' };

/** The message at the gate. */
interface GateMessage {
  readonly claim: Claim;
  readonly row: AudienceRow;
  readonly from: string;
  readonly messageId: string;
  /** Why it leaves by its second choice, empty when it does not. */
  readonly overflow: string;
  readonly keyed: Keyed | undefined;
}

/**
 * The last checks before the wire, in this order: quota of the route and suppression together, the limits that routes share, then the
 * claim itself. What is denied or ends here stays counted nowhere.
 */
export async function passGate(
  context: DeliveryContext,
  lane: Lane,
  message: GateMessage,
): Promise<GateAnswer> {
  await lane.turn(context.clock, context.random);
  await context.lookAtPlan();
  const hold = context.shared.holdOf({ from: message.from, recipient: message.row.address });
  if (hold) return { kind: 'Limited', hold };
  if (!mayBeSent(message.claim, message.keyed, context.ledgerClock.now())) return { kind: 'KeyForgotten' };
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
  const shared = await reserveShared(context, message, quota.reservation);
  if (shared.kind === 'Denied') return { kind: 'Limited', hold: shared.hold };
  const reservations = [quota.reservation, ...shared.reservations];
  const begun = await begin(context, lane, message, reservations);
  if (begun !== 'Ok') return { kind: begun };
  const isFresh = (): boolean => context.clock.monotonic() - checkedAt < GUARD_MAX_AGE_MS;
  return { kind: 'Open', reservations, isFresh };
}

/** After the route's own quota, which denies far more often: a mailbox that is used up never touches what all share. */
async function reserveShared(
  context: DeliveryContext,
  message: GateMessage,
  own: Reservation,
): Promise<SharedAnswer> {
  try {
    const answer = await context.shared.reserve({ from: message.from, recipient: message.row.address });
    if (answer.kind === 'Denied') await context.ledger.quota.release(own);
    return answer;
  } catch (error) {
    await context.ledger.quota.release(own);
    throw error;
  }
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
  message: GateMessage,
  reservations: readonly Reservation[],
): Promise<'Ok' | 'Paused' | 'LaneLost' | 'Fenced'> {
  const { route, provider } = lane.plan;
  const { row, overflow } = message;
  const answer = await context.ledger.queue.begin(context.sender(), {
    claim: message.claim,
    route,
    laneFence: lane.fence,
    messageId: message.messageId,
    ...(message.keyed && { keyedMs: message.keyed.keyedMs }),
    attempt: { recipient: row.address, provider, account: accountOf(lane.plan), overflow },
  });
  if (answer !== 'Ok') await context.shared.release(reservations);
  return answer;
}

function reserve(context: DeliveryContext, lane: Lane): Promise<ReserveAnswer> {
  const route = lane.plan;
  return context.ledger.quota.reserve({
    subject: route.quotaSubject,
    recipients: 1,
    ...routeAllowance(route),
    minIntervalMs: lane.isPacedByLedger ? route.minIntervalMs : 0,
    ...spreading(context, lane),
    jitterMs: lane.isPacedByLedger ? Math.round(context.random() * route.jitterMs) : 0,
  });
}

/** Until when the day's allowance is to last. */
function spreading(context: DeliveryContext, lane: Lane): Pick<ReserveRequest, 'spreadUntilMs'> {
  const window = lane.spreadWindow;
  const spreadUntilMs = window && context.windowCloses(window, Math.floor(context.ledgerClock.now()));
  return spreadUntilMs === undefined ? {} : { spreadUntilMs };
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
  const nowMs = context.ledgerClock.now();
  lane.noteUsage(quota.used, cap);
  lane.limitConnections(quota.maxConnections);
  lane.notePace(Math.max(0, quota.nextAtMs - nowMs));
  if (quota.nextAtMs > nowMs) lane.waitForInterval(quota.nextAtMs);
}

async function holdLane(
  context: DeliveryContext,
  lane: Lane,
  quota: Extract<ReserveAnswer, { granted: false }>,
): Promise<void> {
  if (quota.reason === 'Pacing') return lane.waitForInterval(quota.retryAtMs ?? context.ledgerClock.now());
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
  reason: 'QuotaExhausted' | 'QuotaExceededAtProvider',
  route: PlanRoute,
  used: number,
): string {
  const cap = route.limits.map((limit) => `${limit.recipients} per ${limit.name.toLowerCase()}`).join(', ');
  return reason === 'QuotaExhausted'
    ? `${used} recipients in the window; the limit is ${cap}`
    : `the provider refused for its own limit after ${used} recipients`;
}

/** Why a stopped account's lane takes nothing. A stop that is not told counts as one that a person has to lift. */
export function reasonOfStop(stop: Stop | undefined): Reason {
  return STOP_REASONS[stop?.kind ?? 'Human'];
}

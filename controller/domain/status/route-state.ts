import type { PlanRoute } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';
import type { LaneState } from '../ports/lane-ledger.ts';
import type { QuotaUsage, Stop } from '../ports/quota-ledger.ts';
import { windowWatch, type WindowWatch } from '../window.ts';

/** What a route does now, in one word, and why. */
export interface RouteState {
  readonly reason: Reason;
  readonly message: string;
  /** When that ends, ledger's clock; undefined = at once, not by time, or unknown. */
  readonly untilMs?: number;
}

/** What the ledger knows of a route. */
export interface RouteKnowledge {
  readonly usage?: QuotaUsage | undefined;
  readonly lane?: LaneState | undefined;
}

/** Why a stopped account's routes take nothing. */
export const STOP_REASONS: Readonly<Record<Stop['kind'], Reason>> = {
  WindowReset: 'QuotaExceededAtProvider',
  CredentialChanges: 'CredentialsInvalid',
  Human: 'PolicyBlocked',
  DnsVerified: 'SenderUnauthenticated',
};

function closedWindow(route: PlanRoute, nowMs: number, watch: WindowWatch): RouteState | undefined {
  if (route.kind === 'ESP' || route.sendingWindow === undefined) return undefined;
  const window = watch(route.sendingWindow, Math.floor(nowMs));
  return window.isOpen ? undefined : withEnd('WindowClosed', 'outside its sending window', window.opensMs);
}

function usedUp(usage: QuotaUsage | undefined): RouteState | undefined {
  if (usage === undefined || usage.used < usage.cap) return undefined;
  return withEnd('QuotaExhausted', 'the cap of the rolling window is used up', usage.nextSlotMs);
}

function laneWord(lane: LaneState | undefined, nowMs: number): RouteState {
  const isOver = lane?.untilMs !== undefined && lane.untilMs <= nowMs;
  if (lane === undefined || isOver || lane.reason === 'Connected')
    return { reason: 'Connected', message: '' };
  return withEnd(lane.reason, lane.message, lane.untilMs);
}

/**
 * The strongest word first: the declaration, a stop, the window, the quota, then what its lane says. Who asks for many routes keeps one
 * `watch` for all.
 */
export function routeState(
  route: PlanRoute,
  known: RouteKnowledge,
  nowMs: number,
  watch: WindowWatch = windowWatch(),
): RouteState {
  const { usage, lane } = known;
  if (route.suspended) return { reason: 'Suspended', message: 'spec.suspend is true' };
  if (route.blocked) return route.blocked;
  if (usage?.stop) return stopped(usage.stop);
  return closedWindow(route, nowMs, watch) ?? usedUp(usage) ?? laneWord(lane, nowMs);
}

/**
 * The state of a route in a pool that wants no sender pod (`spec.senders.replicas` is 0): where only a sender is missing, it is as if the route
 * were suspended. Whoever scaled the pool down wanted that, so nobody waits for a login.
 */
export function unservedState(state: RouteState, pool: string): RouteState {
  if (state.reason !== 'Connected') return state;
  return { reason: 'Suspended', message: unservedText(pool) };
}

/** Why nothing of the pool is sent. */
export function unservedText(pool: string): string {
  return `spec.senders.replicas of SendingPool ${pool} is 0: nothing is sent`;
}

function stopped(stop: Stop): RouteState {
  return withEnd(STOP_REASONS[stop.kind], stop.text, stop.untilMs);
}

function withEnd(reason: Reason, message: string, untilMs: number | undefined): RouteState {
  return untilMs === undefined ? { reason, message } : { reason, message, untilMs };
}

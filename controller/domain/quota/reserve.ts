import type { Reservation, ReserveAnswer, ReserveRequest } from '../ports/quota-ledger.ts';
import { stateAt, windowOf, type QuotaState } from './quota-state.ts';
import { roomFor } from './room.ts';
import { spreadIntervalMs } from './spread.ts';
import { count, leavesAtMs, slotAt, takeBack } from './rolling-window.ts';

type Denial = Omit<Extract<ReserveAnswer, { granted: false }>, 'granted' | 'used'>;

/**
 * Counts the recipients in all limits, or denies and counts nothing. A denial names the gravest reason: a stop, then the quota,
 * then pacing.
 */
export function reserve(
  before: QuotaState,
  request: ReserveRequest,
  nowMs: number,
): { readonly state: QuotaState; readonly answer: ReserveAnswer } {
  const state = withNewPace(stateAt(before, nowMs), request);
  const denial = denialOf(state, request);
  if (denial !== undefined) {
    return { state, answer: { granted: false, ...denial, used: usedToday(state, request) } };
  }
  const next = counted(state, request);
  const reservation = {
    subject: request.subject,
    recipients: request.recipients,
    token: tokenOf(next, request),
  };
  const answer = {
    granted: true,
    reservation,
    used: usedToday(next, request),
    nextAtMs: next.nextAtMs,
    ...(next.connections !== undefined && { maxConnections: next.connections.most }),
  } as const;
  return { state: next, answer };
}

/** Takes a reservation out of the slots it was counted in. The second time, and once the slots have left, nothing changes. */
export function release(before: QuotaState, reservation: Reservation, nowMs: number): QuotaState {
  const state = stateAt(before, nowMs);
  if (state.released[reservation.token] !== undefined) return state;
  const windows = { ...state.windows };
  let leaveMs = 0;
  for (const { name, windowMs, slot } of slotsOf(reservation.token)) {
    const window = windows[name];
    if (window?.windowMs !== windowMs) continue;
    windows[name] = takeBack(window, slot, reservation.recipients);
    leaveMs = Math.max(leaveMs, leavesAtMs(window, slot));
  }
  return { ...state, windows, released: { ...state.released, [reservation.token]: leaveMs } };
}

/** A wait that was worked out under another declaration is no longer than the present one would be from now on. */
function withNewPace(state: QuotaState, request: ReserveRequest): QuotaState {
  if (state.nextAtMs <= state.seenMs || state.stop !== undefined) return state;
  if (!roomFor(state, request, request.recipients).fits) return state;
  return { ...state, nextAtMs: Math.min(state.nextAtMs, state.seenMs + intervalMs(state, request)) };
}

/** Time from a reservation that fits to the next one. */
function intervalMs(state: QuotaState, request: ReserveRequest): number {
  const leastMs = Math.max(request.minIntervalMs, spreadIntervalMs(state, request));
  return Math.ceil(leastMs / (state.throttle?.factor ?? 1)) + request.jitterMs;
}

function denialOf(state: QuotaState, request: ReserveRequest): Denial | undefined {
  if (state.stop !== undefined) {
    const reason = state.stop.kind === 'WindowReset' ? 'QuotaExceededAtProvider' : 'Stopped';
    return { reason, ...(state.stop.untilMs !== undefined && { retryAtMs: state.stop.untilMs }) };
  }
  const room = roomFor(state, request, request.recipients);
  if (!room.fits) {
    const retry = room.retryAtMs !== undefined && { retryAtMs: Math.max(room.retryAtMs, state.nextAtMs) };
    return { reason: 'QuotaExhausted', ...retry };
  }
  return state.nextAtMs > state.seenMs ? { reason: 'Pacing', retryAtMs: state.nextAtMs } : undefined;
}

function counted(state: QuotaState, request: ReserveRequest): QuotaState {
  const windows = { ...state.windows };
  for (const limit of request.limits) {
    const window = windowOf(state, limit);
    windows[limit.name] = count(window, slotAt(window, state.seenMs), request.recipients);
  }
  // The day's window knows what the hour's would: kept on without being counted in, it would know too little.
  const asked = new Set(request.limits.map(({ name }) => name));
  if (asked.has('Day') && !asked.has('Hour')) delete windows['Hour'];
  return {
    ...state,
    windows,
    serial: state.serial + 1,
    firstReservationMs: state.firstReservationMs ?? state.seenMs,
    nextAtMs: state.seenMs + intervalMs(state, request),
  };
}

function usedToday(state: QuotaState, request: ReserveRequest): number {
  const day = request.limits.find((limit) => limit.name === 'Day');
  return day === undefined ? 0 : windowOf(state, day).used;
}

/** The token says where the reservation is counted, so that only released ones need remembering. */
function tokenOf(state: QuotaState, request: ReserveRequest): string {
  const slots = request.limits.map(
    (limit) => `${limit.name}:${limit.windowMs}:${slotAt(windowOf(state, limit), state.seenMs)}`,
  );
  return [String(state.serial), ...slots].join('|');
}

/** Where a reservation was counted, by its token. */
export function slotsOf(token: string): { name: 'Day' | 'Hour'; windowMs: number; slot: number }[] {
  return token
    .split('|')
    .slice(1)
    .map((part) => {
      const [name, windowMs, slot] = part.split(':');
      return { name: name === 'Hour' ? 'Hour' : 'Day', windowMs: Number(windowMs), slot: Number(slot) };
    });
}

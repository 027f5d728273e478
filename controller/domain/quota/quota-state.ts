import type { PlanLimit } from '../../api/plan.ts';
import type { Stop } from '../ports/quota-ledger.ts';
import type { RampHold } from './warmup-ramp.ts';
import {
  count,
  countedWithin,
  emptyWindow,
  expire,
  slotAt,
  type RollingWindow,
  type WindowShape,
} from './rolling-window.ts';

/** A day, ms: the time that flags, their counters and a throttle last when the subject has no `Day` limit. */
const DAY_MS = 86_400_000;

/** Replies that count towards one flag. */
interface FlagCount {
  /** When they came, oldest first. */
  readonly timesMs: readonly number[];
  /** True once there were enough of them. */
  readonly isRaised: boolean;
  /** How long a reply counts. */
  readonly dayMs: number;
}

/** Everything the ledger knows about the quota of one subject. Plain data, never changed in place. */
export interface QuotaState {
  readonly shape: WindowShape;
  /** Latest time seen: a clock that goes back does not free usage. */
  readonly seenMs: number;
  /** By the name of the limit. */
  readonly windows: Readonly<Record<string, RollingWindow>>;
  /** Number of the last reservation. */
  readonly serial: number;
  /** Released reservations by token, with the time at which nothing of them is counted any more. */
  readonly released: Readonly<Record<string, number>>;
  readonly firstReservationMs?: number;
  /** Earliest next reservation by pacing. */
  readonly nextAtMs: number;
  readonly learned?: { readonly recipients: number; readonly untilMs: number };
  readonly stop?: Stop;
  readonly flags: Readonly<Record<string, FlagCount>>;
  /** Held days of the warm-up's ramp. */
  readonly rampHold?: RampHold;
  readonly connections?: { readonly most: number; readonly untilMs: number };
  readonly throttle?: { readonly factor: number; readonly untilMs: number };
  /**
   * What was told to a ledger that had lost its last reservations: the number of the last one that it still knew, and of the later ones
   * those that it was told of; those that had been given back stay without a count.
   */
  readonly restated?: {
    readonly base: number;
    readonly counted: readonly number[];
    readonly released: readonly number[];
  };
}

/** The state of a subject that was never used. */
export function unused(shape: WindowShape): QuotaState {
  return { shape, seenMs: 0, windows: {}, serial: 0, released: {}, nextAtMs: 0, flags: {} };
}

/**
 * Usage that counts towards a limit. When its window has another length than before, or was not kept until now, all that is known
 * counts as of now: too long rather than not at all.
 */
export function windowOf(state: QuotaState, limit: PlanLimit): RollingWindow {
  const window = state.windows[limit.name];
  if (window?.windowMs === limit.windowMs) return window;
  const empty = emptyWindow(limit.windowMs, state.shape);
  const used = window?.used ?? knownByOther(state, limit);
  return used > 0 ? count(empty, slotAt(empty, state.seenMs), used) : empty;
}

/** What the other limit counted within the window of this one. */
function knownByOther(state: QuotaState, limit: PlanLimit): number {
  const other = state.windows[limit.name === 'Hour' ? 'Day' : 'Hour'];
  return other === undefined ? 0 : countedWithin(other, limit.windowMs, state.seenMs);
}

/** The length of a day for this subject: the window of its `Day` limit, which tests make short. */
export function dayOf(limits: readonly PlanLimit[]): number {
  return limits.find((limit) => limit.name === 'Day')?.windowMs ?? DAY_MS;
}

/** The state at a time: what has run out is gone, and time never goes back. All other functions begin with this. */
export function stateAt(state: QuotaState, nowMs: number): QuotaState {
  const seenMs = Math.max(nowMs, state.seenMs);
  const { learned, stop, throttle, connections, ...rest } = state;
  return {
    ...rest,
    seenMs,
    windows: mapValues(state.windows, (window) => expire(window, seenMs)),
    released: keep(state.released, (untilMs) => untilMs > seenMs),
    flags: keep(
      mapValues(state.flags, (flag) => ({
        ...flag,
        timesMs: flag.timesMs.filter((timeMs) => timeMs + flag.dayMs > seenMs),
      })),
      (flag) => flag.timesMs.length > 0,
    ),
    ...(learned !== undefined && learned.untilMs > seenMs && { learned }),
    ...(stop !== undefined && (stop.untilMs ?? Infinity) > seenMs && { stop }),
    ...(connections !== undefined && connections.untilMs > seenMs && { connections }),
    ...(throttle !== undefined && throttle.untilMs > seenMs && { throttle }),
  };
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function keep<V>(record: Readonly<Record<string, V>>, isKept: (value: V) => boolean): Record<string, V> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => isKept(value)));
}

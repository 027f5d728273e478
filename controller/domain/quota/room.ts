import type { PlanLimit, PlanRoute, PlanWarmup } from '../../api/plan.ts';
import { windowOf, type QuotaState } from './quota-state.ts';
import { freedAtMs } from './rolling-window.ts';
import { rampDay, type RampDay, type RampMoment } from './warmup-ramp.ts';

/** What a subject may send: its declared limits and its ramp. */
export interface Allowance {
  readonly limits: readonly PlanLimit[];
  readonly warmup?: PlanWarmup;
}

/** What the plan lets a route send. */
export function routeAllowance(route: PlanRoute): Allowance {
  const { limits } = route;
  return route.kind === 'Mailbox' && route.warmup !== undefined
    ? { limits, warmup: route.warmup }
    : { limits };
}

/** The cap of a limit now, and when it grows by itself. */
interface Cap {
  readonly recipients: number;
  /** When the warm-up's next day begins or the learned limit is forgotten, if that raises the cap. */
  readonly growsAtMs?: number;
}

/** Whether recipients fit now; if not, the earliest time at which that can change. */
export type Room = { readonly fits: true } | { readonly fits: false; readonly retryAtMs?: number };

/** The least of the declared, the warm-up's and the learned limit. Only the `Day` limit ramps and learns. */
export function capOf(state: QuotaState, limit: PlanLimit, warmup: PlanWarmup | undefined): Cap {
  const declared = { recipients: limit.recipients };
  if (limit.name !== 'Day') return declared;
  const caps: Cap[] = [declared];
  if (state.learned !== undefined) {
    caps.push({ recipients: state.learned.recipients, growsAtMs: state.learned.untilMs });
  }
  if (warmup !== undefined) {
    caps.push(rampOf(state, limit.windowMs, warmup));
  }
  return caps.reduce((least, cap) => (cap.recipients < least.recipients ? cap : least));
}

/** The ramp as of now. The state must be of now (`stateAt`). */
export function rampOf(state: QuotaState, dayMs: number, warmup: PlanWarmup): RampDay {
  return rampDay(warmup, rampMoment(state, dayMs, warmup));
}

/** A ramp without a declared start began with the first reservation. */
export function rampMoment(state: QuotaState, dayMs: number, warmup: PlanWarmup): RampMoment {
  const startMs = warmup.startMs ?? state.firstReservationMs ?? state.seenMs;
  return { startMs, dayMs, nowMs: state.seenMs, hold: state.rampHold };
}

/** Asks all limits whether `recipients` fit. The state must be of now (`stateAt`). */
export function roomFor(state: QuotaState, allowance: Allowance, recipients: number): Room {
  let retryAtMs = 0;
  let fits = true;
  for (const limit of allowance.limits) {
    const cap = capOf(state, limit, allowance.warmup);
    const window = windowOf(state, limit);
    const excess = window.used + recipients - cap.recipients;
    if (excess <= 0) continue;
    fits = false;
    const freedMs = recipients <= cap.recipients ? freedAtMs(window, excess) : undefined;
    retryAtMs = Math.max(retryAtMs, Math.min(freedMs ?? Infinity, cap.growsAtMs ?? Infinity));
  }
  if (fits) return { fits };
  return Number.isFinite(retryAtMs) ? { fits, retryAtMs } : { fits };
}

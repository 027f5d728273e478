import type { PlanWarmup } from '../../api/plan.ts';

/**
 * Added before rounding down, so that 50 × 1.14 is 57 and not, by the error of binary fractions, 56. Far below the smallest true
 * distance to the next whole recipient that matters, far above the error.
 */
const ROUNDING_SLACK = 1e-6;

/** Days of a ramp in which the provider throttled the mailbox. */
export interface RampHold {
  /** How many there were, the last one included. */
  readonly days: number;
  /** End of the last one, ms since the epoch. */
  readonly untilMs: number;
}

/** Where and when a ramp is looked at. */
export interface RampMoment {
  /** When it began. */
  readonly startMs: number;
  readonly dayMs: number;
  readonly nowMs: number;
  readonly hold?: RampHold | undefined;
}

/** Where a warm-up stands: the cap of its day and when it grows next. */
export interface RampDay {
  readonly recipients: number;
  readonly growsAtMs: number;
}

/**
 * The day of a ramp: floor(start × (1 + growth)^days), days in whole `dayMs` since the ramp began, those left out that were held.
 * Before its beginning the cap of the first day holds.
 */
export function rampDay(warmup: PlanWarmup, { startMs, dayMs, nowMs, hold }: RampMoment): RampDay {
  const isHeld = hold !== undefined && nowMs < hold.untilMs;
  const heldBefore = (hold?.days ?? 0) - (isHeld ? 1 : 0);
  const days = Math.max(0, daysSince(startMs, dayMs, nowMs) - heldBefore);
  const growth = 1 + warmup.growthPercentPerDay / 100;
  const nextMs = startMs + (days + heldBefore + 1) * dayMs;
  return {
    recipients: Math.floor(warmup.startRecipientsPerDay * growth ** days + ROUNDING_SLACK),
    // The end of a day that is held brings nothing.
    growsAtMs: isHeld && hold.untilMs <= nextMs ? nextMs + dayMs : nextMs,
  };
}

/** The hold after one more reply for which the ramp is held: its day counts once. */
export function heldFor({ startMs, dayMs, nowMs, hold }: RampMoment): RampHold {
  if (hold !== undefined && nowMs < hold.untilMs) return hold;
  const untilMs = startMs + (daysSince(startMs, dayMs, nowMs) + 1) * dayMs;
  return { days: (hold?.days ?? 0) + 1, untilMs };
}

function daysSince(startMs: number, dayMs: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - startMs) / dayMs));
}

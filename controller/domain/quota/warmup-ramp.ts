import type { PlanWarmup } from '../../api/plan.ts';

/**
 * Added before rounding down, so that 50 × 1.14 is 57 and not, by the error of binary fractions, 56. Far below the smallest true
 * distance to the next whole recipient that matters, far above the error.
 */
const ROUNDING_SLACK = 1e-6;

/** Where a warm-up stands: the cap of its day and when the next day begins. */
export interface RampDay {
  readonly recipients: number;
  readonly nextDayMs: number;
}

/**
 * The day of a ramp: floor(start × (1 + growth)^days), days in whole `dayMs` since the ramp began. Before its beginning the cap
 * of the first day holds.
 */
export function rampDay(warmup: PlanWarmup, startMs: number, dayMs: number, nowMs: number): RampDay {
  const days = Math.max(0, Math.floor((nowMs - startMs) / dayMs));
  const growth = 1 + warmup.growthPercentPerDay / 100;
  return {
    recipients: Math.floor(warmup.startRecipientsPerDay * growth ** days + ROUNDING_SLACK),
    nextDayMs: startMs + (days + 1) * dayMs,
  };
}

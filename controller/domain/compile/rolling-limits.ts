import type { PlanLimit } from '../../api/plan.ts';

export const DAY_WINDOW_MS = 86_400_000;

/** Rolling limits of a route; undefined = no such limit. */
export function rollingLimits(
  recipientsPerDay: number | undefined,
  recipientsPerHour: number | undefined,
  windowMs: number,
): PlanLimit[] {
  const limits: PlanLimit[] = [];
  if (recipientsPerDay !== undefined) limits.push({ name: 'Day', windowMs, recipients: recipientsPerDay });
  if (recipientsPerHour !== undefined) {
    limits.push({ name: 'Hour', windowMs: Math.ceil(windowMs / 24), recipients: recipientsPerHour });
  }
  return limits;
}

import { describe, expect, it } from 'vitest';
import { rampDay } from '../../../../controller/domain/quota/warmup-ramp.ts';

const DAY = 86_400_000;
const ramp = { startRecipientsPerDay: 20, growthPercentPerDay: 30 };

describe('a warm-up ramp', () => {
  it.each([
    { day: 0, cap: 20 },
    { day: 1, cap: 26 },
    { day: 2, cap: 33 },
    { day: 10, cap: 275 },
  ])('allows $cap recipients on day $day', ({ day, cap }) => {
    expect(rampDay(ramp, 1_000, DAY, 1_000 + day * DAY).recipients).toBe(cap);
  });

  it('counts days as whole 24 hours since its beginning, not calendar days', () => {
    expect(rampDay(ramp, 1_000, DAY, 1_000 + DAY - 1)).toEqual({ recipients: 20, nextDayMs: 1_000 + DAY });
    expect(rampDay(ramp, 1_000, DAY, 1_000 + DAY)).toEqual({ recipients: 26, nextDayMs: 1_000 + 2 * DAY });
  });

  it('allows the first day before its beginning', () => {
    expect(rampDay(ramp, 5 * DAY, DAY, 0)).toEqual({ recipients: 20, nextDayMs: 6 * DAY });
  });

  it('is not rounded down by the error of binary fractions', () => {
    expect(50 * 1.14).toBeLessThan(57);
    expect(rampDay({ startRecipientsPerDay: 50, growthPercentPerDay: 14 }, 0, DAY, DAY).recipients).toBe(57);
  });
});

import { describe, expect, it } from 'vitest';
import { heldFor, rampDay, type RampMoment } from '../../../../controller/domain/quota/warmup-ramp.ts';

const DAY = 86_400_000;
const ramp = { startRecipientsPerDay: 20, growthPercentPerDay: 30 };
const on = (nowMs: number, change: Partial<RampMoment> = {}): RampMoment => ({
  startMs: 1_000,
  dayMs: DAY,
  nowMs,
  ...change,
});

describe('a warm-up ramp', () => {
  it.each([
    { day: 0, cap: 20 },
    { day: 1, cap: 26 },
    { day: 2, cap: 33 },
    { day: 10, cap: 275 },
  ])('allows $cap recipients on day $day', ({ day, cap }) => {
    expect(rampDay(ramp, on(1_000 + day * DAY)).recipients).toBe(cap);
  });

  it('counts days as whole 24 hours since its beginning, not calendar days', () => {
    expect(rampDay(ramp, on(1_000 + DAY - 1))).toEqual({ recipients: 20, growsAtMs: 1_000 + DAY });
    expect(rampDay(ramp, on(1_000 + DAY))).toEqual({ recipients: 26, growsAtMs: 1_000 + 2 * DAY });
  });

  it('allows the first day before its beginning', () => {
    expect(rampDay(ramp, on(0, { startMs: 5 * DAY }))).toEqual({ recipients: 20, growsAtMs: 6 * DAY });
  });

  it('is not rounded down by the error of binary fractions', () => {
    expect(50 * 1.14).toBeLessThan(57);
    const steep = { startRecipientsPerDay: 50, growthPercentPerDay: 14 };
    expect(rampDay(steep, on(DAY, { startMs: 0 })).recipients).toBe(57);
  });
});

describe('a held ramp', () => {
  const at = (day: number): number => 1_000 + Math.round(day * DAY);

  it('counts a day once, however many replies hold it', () => {
    const first = heldFor(on(at(0.1)));
    expect(first).toEqual({ days: 1, untilMs: at(1) });
    expect(heldFor(on(at(0.9), { hold: first }))).toBe(first);
    expect(heldFor(on(at(1), { hold: first }))).toEqual({ days: 2, untilMs: at(2) });
  });

  it.each([
    { day: 0, recipients: 20, grows: 2 },
    { day: 0.9, recipients: 20, grows: 2 },
    { day: 1, recipients: 20, grows: 2 },
    { day: 1.9, recipients: 20, grows: 2 },
    { day: 2, recipients: 26, grows: 3 },
  ])('in its first day allows $recipients on day $day and grows on day $grows', (expected) => {
    const hold = heldFor(on(at(0)));
    const { recipients, growsAtMs } = rampDay(ramp, on(at(expected.day), { hold }));
    expect([recipients, growsAtMs]).toEqual([expected.recipients, at(expected.grows)]);
  });

  it('goes on from where it stood, day after held day', () => {
    const holds = [3, 4, 6].reduce<RampMoment['hold']>(
      (hold, day) => heldFor(on(at(day), { hold })),
      undefined,
    );
    expect(holds).toEqual({ days: 3, untilMs: at(7) });
    expect(rampDay(ramp, on(at(6.5), { hold: holds })).recipients).toBe(Math.floor(20 * 1.3 ** 4));
    expect(rampDay(ramp, on(at(7), { hold: holds })).recipients).toBe(Math.floor(20 * 1.3 ** 4));
    expect(rampDay(ramp, on(at(8), { hold: holds })).recipients).toBe(Math.floor(20 * 1.3 ** 5));
  });

  it('is never below its first day, when its beginning was put off after it was held', () => {
    const hold = { days: 3, untilMs: at(3) };
    expect(rampDay(ramp, on(at(4), { startMs: at(3), hold }))).toEqual({ recipients: 20, growsAtMs: at(7) });
  });

  it('grows at the end of its day when another day is held by then', () => {
    const hold = { days: 1, untilMs: at(1.5) };
    expect(rampDay(ramp, on(at(0.5), { hold }))).toEqual({ recipients: 20, growsAtMs: at(1) });
  });
});

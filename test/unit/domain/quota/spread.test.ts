import { describe, expect, it } from 'vitest';
import type { ReserveRequest } from '../../../../controller/domain/ports/quota-ledger.ts';
import { applyConsequence } from '../../../../controller/domain/quota/consequence.ts';
import type { QuotaState } from '../../../../controller/domain/quota/quota-state.ts';
import { reserve } from '../../../../controller/domain/quota/reserve.ts';
import { aDayLimit, anHourLimit, aReserveRequest } from '../../../builders/quota.ts';
import { UNUSED } from './reserving.ts';

/** A subject that was never used; usage leaves without a margin. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A window of eight hours from the time 0 on each day. */
const closesMs = (nowMs: number): number => Math.floor(nowMs / DAY) * DAY + 8 * HOUR;
const asking = (nowMs: number, change: Partial<ReserveRequest> = {}): ReserveRequest =>
  aReserveRequest({ limits: [aDayLimit({ recipients: 96 })], spreadUntilMs: closesMs(nowMs), ...change });

/** How long after a reservation the next one may be. */
function intervalMs(state: QuotaState, request: ReserveRequest, nowMs: number): number {
  const { answer } = reserve(state, request, nowMs);
  if (!answer.granted) throw new Error(`denied: ${answer.reason}`);
  return answer.nextAtMs - nowMs;
}

/** When a mailbox that always has mail sends, day by day, from the opening of its window to the close. */
function sendFor(days: number, change: Partial<ReserveRequest> = {}): number[][] {
  let state = UNUSED;
  return Array.from({ length: days }, (_, day) => {
    const times: number[] = [];
    for (let nowMs = day * DAY; nowMs < day * DAY + 8 * HOUR;) {
      const next = reserve(state, asking(nowMs, change), nowMs);
      state = next.state;
      if (next.answer.granted) times.push(nowMs);
      const askAgainMs = next.answer.granted ? next.answer.nextAtMs : (next.answer.retryAtMs ?? Infinity);
      nowMs = Math.max(askAgainMs, nowMs + 1);
    }
    return times;
  });
}

describe('an allowance that is spread over the window', () => {
  it('lasts evenly until its end', () => {
    expect(intervalMs(UNUSED, asking(0), 0)).toBe(5 * MINUTE);
    const [day = []] = sendFor(1);
    expect(day).toHaveLength(96);
    expect(day.slice(1).map((time, index) => time - (day[index] ?? 0))).toEqual(
      Array.from({ length: 95 }, () => 5 * MINUTE),
    );
  });

  it('goes on day after day at the same pace, although yesterday still counts', () => {
    const [, ...later] = sendFor(6);
    for (const day of later) {
      expect(day.length).toBeGreaterThanOrEqual(92);
      const perHour = Array.from(
        { length: 8 },
        (_, hour) => day.filter((time) => Math.floor((time % DAY) / HOUR) === hour).length,
      );
      expect(Math.min(...perHour)).toBeGreaterThanOrEqual(10);
      expect(Math.max(...perHour)).toBeLessThanOrEqual(13);
    }
  });

  it('catches up when it fell behind, down to the least interval', () => {
    expect(intervalMs(UNUSED, asking(4 * HOUR), 4 * HOUR)).toBe(2.5 * MINUTE);
    const late = 8 * HOUR - MINUTE;
    expect(intervalMs(UNUSED, asking(late, { minIntervalMs: 2_000 }), late)).toBe(2_000);
  });

  it('follows a changed cap and what another process used', () => {
    const raised = asking(0, { limits: [aDayLimit({ recipients: 192 })] });
    expect(intervalMs(UNUSED, raised, 0)).toBe(2.5 * MINUTE);
    const used = reserve(UNUSED, aReserveRequest({ recipients: 48 }), 0).state;
    expect(intervalMs(used, asking(0), 0)).toBe(10 * MINUTE);
  });

  it('does not go on waiting at the pace of a cap that was raised meanwhile', () => {
    const slow = reserve(UNUSED, asking(0, { limits: [aDayLimit({ recipients: 8 })] }), 0).state;
    expect(reserve(slow, asking(MINUTE), MINUTE).answer).toMatchObject({
      reason: 'Pacing',
      retryAtMs: MINUTE + Math.floor((8 * HOUR - MINUTE) / 95),
    });
  });

  it('spreads what the ramp allows today, not the cap', () => {
    const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 30 };
    expect(intervalMs(UNUSED, asking(0, { warmup }), 0)).toBe(24 * MINUTE);
  });

  it('counts as room what leaves before the close', () => {
    const full = reserve(UNUSED, aReserveRequest({ recipients: 90 }), 0).state;
    expect(intervalMs(full, asking(DAY), DAY)).toBe(5 * MINUTE);
    const lastEvening = reserve(UNUSED, aReserveRequest({ recipients: 90 }), 12 * HOUR).state;
    expect(intervalMs(lastEvening, asking(DAY), DAY)).toBe(80 * MINUTE);
  });

  it('takes more time for more recipients', () => {
    expect(intervalMs(UNUSED, asking(0, { recipients: 4 }), 0)).toBe(20 * MINUTE);
  });

  it('is slower while a throttle divides the rate, and jitter comes on top', () => {
    const reply = { text: 'slow', minStopMs: 0, limits: [aDayLimit()] };
    const slow = applyConsequence(UNUSED, { throttle: { factor: 0.5 } }, reply, 0);
    expect(intervalMs(slow, asking(0, { jitterMs: 7 }), 0)).toBe(10 * MINUTE + 7);
  });

  it.each([
    ['no window is given', { spreadUntilMs: undefined }],
    ['the window is closed', { spreadUntilMs: 0 }],
    ['there is no limit of a day', { limits: [anHourLimit()] }],
  ])('is not spread when %s', (_when, change) => {
    const { spreadUntilMs, ...rest } = { ...asking(0), ...change };
    const request = { ...rest, ...(spreadUntilMs !== undefined && { spreadUntilMs }) };
    expect(intervalMs(UNUSED, request, 0)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { unused, type QuotaState } from '../../../../controller/domain/quota/quota-state.ts';
import { release, reserve } from '../../../../controller/domain/quota/reserve.ts';
import { applyConsequence } from '../../../../controller/domain/quota/consequence.ts';
import { aDayLimit, anHourLimit, aReserveRequest } from '../../../builders/quota.ts';
import { granted, SHAPE, UNUSED } from './reserving.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('reserving', () => {
  it('grants until the cap is reached and then says when the next recipient fits', () => {
    const request = aReserveRequest({ recipients: 60 });
    const first = granted(UNUSED, request, 0);
    expect(first.answer).toMatchObject({ used: 60, nextAtMs: 0 });
    expect(reserve(first.state, request, MINUTE).answer).toEqual({
      granted: false,
      reason: 'QuotaExhausted',
      retryAtMs: 5 * MINUTE + DAY,
      used: 60,
    });
    expect(granted(first.state, { ...request, recipients: 40 }, MINUTE).answer.used).toBe(100);
  });

  it('does not count a denied attempt', () => {
    const full = granted(UNUSED, aReserveRequest({ recipients: 100 }), 0).state;
    const denied = reserve(full, aReserveRequest({ recipients: 1 }), 1).state;
    expect(denied).toEqual({ ...full, seenMs: 1 });
  });

  it('frees usage only when the whole slot is older than the window', () => {
    const full = granted(UNUSED, aReserveRequest({ recipients: 100 }), MINUTE).state;
    expect(reserve(full, aReserveRequest(), DAY + 5 * MINUTE - 1).answer.granted).toBe(false);
    expect(reserve(full, aReserveRequest(), DAY + 5 * MINUTE).answer).toMatchObject({
      granted: true,
      used: 1,
    });
  });

  it('does not free usage when the clock goes back and forth', () => {
    const full = granted(UNUSED, aReserveRequest({ recipients: 100 }), DAY).state;
    const back = reserve(full, aReserveRequest(), 0);
    expect(back.answer.granted).toBe(false);
    expect(back.state.seenMs).toBe(DAY);
  });

  it('takes a changed cap at once and forgets nothing', () => {
    const used = granted(UNUSED, aReserveRequest({ recipients: 80 }), 0).state;
    const lower = aReserveRequest({ limits: [aDayLimit({ recipients: 50 })] });
    expect(reserve(used, lower, 1).answer).toMatchObject({ granted: false, used: 80 });
    const higher = aReserveRequest({ limits: [aDayLimit({ recipients: 200 })], recipients: 120 });
    expect(reserve(used, higher, 1).answer).toMatchObject({ granted: true, used: 200 });
  });

  it('names no time when the cap itself is too small', () => {
    const request = aReserveRequest({ recipients: 101 });
    expect(reserve(UNUSED, request, 0).answer).toEqual({
      granted: false,
      reason: 'QuotaExhausted',
      used: 0,
    });
  });

  it('grants everything to a subject without limits', () => {
    expect(granted(UNUSED, aReserveRequest({ limits: [], recipients: 9 }), 0).answer.used).toBe(0);
  });
});

describe('the margin', () => {
  it('keeps usage counted longer than its window, for messages that leave late', () => {
    const full = granted(
      unused({ slotsPerWindow: 288, marginMs: 1_000 }),
      aReserveRequest({ recipients: 100 }),
      MINUTE,
    ).state;
    const frees = DAY + 5 * MINUTE + 1_000;
    expect(reserve(full, aReserveRequest(), frees - 1).answer).toMatchObject({ retryAtMs: frees });
    expect(reserve(full, aReserveRequest(), frees).answer.granted).toBe(true);
  });
});

describe('a window of another length', () => {
  it('takes over what was counted as of now', () => {
    const used = granted(UNUSED, aReserveRequest({ recipients: 100 }), MINUTE);
    const shorter = aReserveRequest({ limits: [aDayLimit({ windowMs: HOUR })] });
    const asked = reserve(used.state, shorter, 2 * MINUTE);
    expect(asked.answer).toMatchObject({ granted: false, used: 100, retryAtMs: HOUR + 125_000 });
    const changed = granted(used.state, { ...shorter, recipients: 0 }, 2 * MINUTE).state;
    expect(release(changed, used.answer.reservation, 2 * MINUTE).windows['Day']?.used).toBe(100);
  });

  it('begins empty when nothing was counted', () => {
    const first = granted(UNUSED, aReserveRequest(), 0);
    const released = release(first.state, first.answer.reservation, 0);
    const shorter = aReserveRequest({ limits: [aDayLimit({ windowMs: HOUR })] });
    expect(reserve(released, shorter, 1).answer).toMatchObject({ granted: true, used: 1 });
  });
});

describe('several limits', () => {
  const request = aReserveRequest({
    recipients: 15,
    limits: [aDayLimit({ recipients: 40 }), anHourLimit({ recipients: 20 })],
  });

  it('are counted all or not at all', () => {
    const first = granted(UNUSED, request, 0).state;
    const denied = reserve(first, request, 1);
    expect(denied.answer).toMatchObject({ granted: false, used: 15 });
    expect(denied.state.windows).toEqual(first.windows);
  });

  it('are asked again when the last of them has room', () => {
    const first = granted(UNUSED, request, 0).state;
    const hourFrees = HOUR + 12_500;
    expect(reserve(first, request, 1).answer).toMatchObject({ retryAtMs: hourFrees });
    const second = granted(first, request, hourFrees).state;
    expect(reserve(second, request, hourFrees + 1).answer).toMatchObject({ retryAtMs: DAY + 5 * MINUTE });
  });

  it('name no time when one of them never has room', () => {
    const answer = reserve(UNUSED, { ...request, recipients: 21 }, 0).answer;
    expect(answer).toEqual({ granted: false, reason: 'QuotaExhausted', used: 0 });
  });
});

describe('a warm-up', () => {
  const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 50 };
  const request = aReserveRequest({ recipients: 20, warmup, limits: [aDayLimit({ recipients: 40 })] });

  it('caps the first day and is asked again when the next day begins', () => {
    const first = granted(UNUSED, request, 1_000).state;
    expect(reserve(first, { ...request, recipients: 1 }, 2_000).answer).toMatchObject({
      granted: false,
      retryAtMs: 1_000 + DAY,
    });
    expect(reserve(first, { ...request, recipients: 10 }, 1_000 + DAY).answer).toMatchObject({
      granted: true,
      used: 30,
    });
  });

  it('counts its days from the given date', () => {
    const dated = { ...request, recipients: 30, warmup: { ...warmup, startMs: 0 } };
    expect(reserve(UNUSED, dated, DAY - 1).answer).toMatchObject({ granted: false, retryAtMs: DAY });
    expect(reserve(UNUSED, dated, DAY).answer.granted).toBe(true);
  });

  it('never lifts the declared limit and leaves other limits alone', () => {
    const late = { ...request, recipients: 41, warmup: { ...warmup, startMs: 0 } };
    expect(reserve(UNUSED, late, 10 * DAY).answer).toEqual({
      granted: false,
      reason: 'QuotaExhausted',
      used: 0,
    });
    const hourly = aReserveRequest({
      recipients: 30,
      warmup,
      limits: [anHourLimit({ recipients: 30 })],
    });
    expect(reserve(UNUSED, hourly, 0).answer.granted).toBe(true);
  });
});

describe('a stop', () => {
  it('denies everything and names its end when it has one', () => {
    const byTime: QuotaState = { ...UNUSED, stop: { kind: 'WindowReset', untilMs: 500, text: '550 5.4.5' } };
    expect(reserve(byTime, aReserveRequest(), 499).answer).toEqual({
      granted: false,
      reason: 'QuotaExceededAtProvider',
      retryAtMs: 500,
      used: 0,
    });
    expect(reserve(byTime, aReserveRequest(), 500).answer.granted).toBe(true);
    const byPerson: QuotaState = { ...UNUSED, stop: { kind: 'Human', text: '550 5.7.0' } };
    expect(reserve(byPerson, aReserveRequest(), 9e15).answer).toEqual({
      granted: false,
      reason: 'Stopped',
      used: 0,
    });
  });
});

describe('releasing', () => {
  it('gives the recipients back to the slots they were counted in, once', () => {
    const limits = [aDayLimit(), anHourLimit({ recipients: 100 })];
    const first = granted(UNUSED, aReserveRequest({ recipients: 30, limits }), 0);
    const second = granted(first.state, aReserveRequest({ recipients: 40, limits }), 10 * MINUTE);
    const once = release(second.state, first.answer.reservation, 10 * MINUTE);
    expect(once.windows['Day']).toEqual({
      windowMs: DAY,
      shape: SHAPE,
      slots: [{ index: 2, recipients: 40 }],
      used: 40,
    });
    expect(once.windows['Hour']?.used).toBe(40);
    expect(release(once, first.answer.reservation, 11 * MINUTE)).toEqual({ ...once, seenMs: 11 * MINUTE });
  });

  it('changes nothing once the slots have left, and then forgets the reservation', () => {
    const first = granted(UNUSED, aReserveRequest({ recipients: 30 }), 0);
    const second = granted(first.state, aReserveRequest({ recipients: 40 }), DAY);
    const late = release(second.state, first.answer.reservation, 2 * DAY);
    expect(late.windows['Day']?.used).toBe(40);
    expect(reserve(late, aReserveRequest(), 2 * DAY + 1).state.released).toEqual({});
  });

  it('changes nothing for a reservation that this subject never got', () => {
    const { reservation } = granted(UNUSED, aReserveRequest(), 0).answer;
    expect(release(UNUSED, reservation, 0).windows).toEqual({});
  });
});

describe('a limit that was not kept until now', () => {
  const limits = [aDayLimit(), anHourLimit({ recipients: 10 })];

  it('begins with what the other counted within its window', () => {
    const early = granted(UNUSED, aReserveRequest({ recipients: 50 }), 0).state;
    const late = granted(early, aReserveRequest({ recipients: 8 }), 2 * HOUR).state;
    expect(reserve(late, aReserveRequest({ limits, recipients: 3 }), 2 * HOUR).answer.granted).toBe(false);
    expect(granted(late, aReserveRequest({ limits, recipients: 2 }), 2 * HOUR).answer.used).toBe(60);
  });

  it('knows what was sent while it was left out', () => {
    const both = granted(UNUSED, aReserveRequest({ limits }), 0).state;
    const without = granted(both, aReserveRequest({ recipients: 9 }), MINUTE).state;
    expect(reserve(without, aReserveRequest({ limits }), 2 * MINUTE).answer.granted).toBe(false);
  });

  it('is kept on when nothing else knows its window', () => {
    const hourly = aReserveRequest({ limits: [anHourLimit({ recipients: 10 })], recipients: 9 });
    const first = granted(UNUSED, hourly, 0).state;
    const free = granted(first, aReserveRequest({ limits: [] }), 1).state;
    expect(reserve(free, hourly, 2).answer.granted).toBe(false);
    expect(granted(first, aReserveRequest(), 2).answer.used).toBe(10);
  });
});

describe('connections that a reply left to the account', () => {
  it('are told with a grant, the fewest of them for a day', () => {
    const reply = { text: 'too many connections', minStopMs: 0, limits: [aDayLimit()] };
    const throttled = [2, 1, 3].reduce(
      (state, maxConnections) => applyConsequence(state, { throttle: { maxConnections } }, reply, 0),
      UNUSED,
    );
    expect(granted(throttled, aReserveRequest(), 1).answer.maxConnections).toBe(1);
    expect(granted(throttled, aReserveRequest(), DAY).answer.maxConnections).toBeUndefined();
  });
});

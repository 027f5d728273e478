import { describe, expect, it } from 'vitest';
import type { QuotaState } from '../../../../controller/domain/quota/quota-state.ts';
import { release, reserve } from '../../../../controller/domain/quota/reserve.ts';
import { aReserveRequest } from '../../../builders/quota.ts';
import { granted, UNUSED } from './reserving.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('pacing', () => {
  const paced = aReserveRequest({ minIntervalMs: 1_000, jitterMs: 250 });

  it('keeps the interval and its jitter after each reservation', () => {
    const first = granted(UNUSED, paced, 10_000);
    expect(first.answer.nextAtMs).toBe(11_250);
    expect(reserve(first.state, paced, 11_249).answer).toEqual({
      granted: false,
      reason: 'Pacing',
      retryAtMs: 11_250,
      used: 1,
    });
    expect(reserve(first.state, paced, 11_250).answer.granted).toBe(true);
  });

  it('is no longer than the interval that is declared now, from the moment it is asked', () => {
    const slow = granted(UNUSED, aReserveRequest({ minIntervalMs: HOUR }), 0).state;
    const asked = reserve(slow, paced, MINUTE);
    expect(asked.answer).toMatchObject({ reason: 'Pacing', retryAtMs: MINUTE + 1_250 });
    expect(reserve(asked.state, paced, MINUTE + 1_249).answer.granted).toBe(false);
    expect(reserve(asked.state, paced, MINUTE + 1_250).answer.granted).toBe(true);
    expect(reserve(slow, aReserveRequest(), MINUTE).answer.granted).toBe(true);
    expect(reserve(slow, aReserveRequest({ minIntervalMs: 2 * HOUR }), MINUTE).answer).toMatchObject({
      retryAtMs: HOUR,
    });
  });

  it('is divided by the throttle factor; the jitter is not', () => {
    const throttled: QuotaState = { ...UNUSED, throttle: { factor: 0.25, untilMs: DAY } };
    expect(granted(throttled, paced, 0).answer.nextAtMs).toBe(4_250);
  });

  it('is not the reason given when the quota is exhausted too, but counts for the time', () => {
    const slow = aReserveRequest({ recipients: 100, minIntervalMs: 2 * DAY });
    const full = granted(UNUSED, slow, 0).state;
    expect(reserve(full, slow, 1).answer).toMatchObject({ reason: 'QuotaExhausted', retryAtMs: 2 * DAY });
  });

  it('still holds after its reservation was released', () => {
    const first = granted(UNUSED, paced, 0);
    const released = release(first.state, first.answer.reservation, 0);
    expect(reserve(released, paced, 1_249).answer).toMatchObject({ reason: 'Pacing' });
  });
});

import { describe, expect, it } from 'vitest';
import { applyConsequence } from '../../../../controller/domain/quota/consequence.ts';
import { reserve } from '../../../../controller/domain/quota/reserve.ts';
import { usage } from '../../../../controller/domain/quota/usage.ts';
import { aDayLimit, anHourLimit, aReserveRequest } from '../../../builders/quota.ts';
import { UNUSED } from './reserving.ts';

/** A subject that was never used; usage leaves without a margin. */

const DAY = 86_400_000;

describe('usage', () => {
  it('of a subject that was never used is nothing of its cap', () => {
    expect(usage(UNUSED, 'mailbox:x', { limits: [aDayLimit()] }, 5)).toEqual({
      subject: 'mailbox:x',
      used: 0,
      cap: 100,
      flags: [],
      throttleFactor: 1,
    });
  });

  it('shows the cap of the warm-up and when the next recipient fits', () => {
    const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 50 };
    const state = reserve(UNUSED, aReserveRequest({ recipients: 20, warmup }), 0).state;
    expect(usage(state, 'mailbox:x', { limits: [aDayLimit()], warmup }, 5)).toMatchObject({
      used: 20,
      cap: 20,
      nextSlotMs: DAY,
    });
  });

  it('shows where the ramp stands, and that it is held', () => {
    const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 50 };
    const state = reserve(UNUSED, aReserveRequest({ recipients: 20, warmup }), 0).state;
    const asked = { limits: [aDayLimit()], warmup };
    expect(usage(state, 'mailbox:x', asked, 5).warmup).toEqual({ recipientsPerDay: 20, growsAtMs: DAY });
    const reply = { text: 'slow down', minStopMs: 0, ...asked };
    const held = applyConsequence(state, { holdsWarmup: true }, reply, 7);
    expect(usage(held, 'mailbox:x', asked, 8).warmup).toEqual({
      recipientsPerDay: 20,
      growsAtMs: 2 * DAY,
      heldUntilMs: DAY,
    });
    const later = usage(held, 'mailbox:x', asked, 2 * DAY).warmup;
    expect(later).toEqual({ recipientsPerDay: 30, growsAtMs: 3 * DAY });
  });

  it('knows no next slot when a person must act, or when the cap is zero', () => {
    const stopped = { ...UNUSED, stop: { kind: 'Human' as const, text: 'denied' } };
    const seen = usage(stopped, 'mailbox:x', { limits: [aDayLimit()] }, 5);
    expect(seen.stop).toEqual({ kind: 'Human', text: 'denied' });
    expect(seen.nextSlotMs).toBeUndefined();
    const closed = usage(UNUSED, 'mailbox:x', { limits: [aDayLimit({ recipients: 0 })] }, 5);
    expect(closed.nextSlotMs).toBeUndefined();
  });

  it('without a limit of a day counts nothing and has no cap', () => {
    const limits = [anHourLimit()];
    const state = reserve(UNUSED, aReserveRequest({ recipients: 3, limits }), 0).state;
    expect(usage(state, 'esp:x', { limits }, 5)).toMatchObject({ used: 0, cap: Number.MAX_SAFE_INTEGER });
  });
});

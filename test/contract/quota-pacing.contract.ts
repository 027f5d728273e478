import { describe, expect, it } from 'vitest';
import { aDayLimit, aReserveRequest } from '../builders/quota.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import { denial, grant, retryTime } from './quota-answers.ts';

export function describePacing(handle: LedgerHandle): void {
  describe('pacing', () => {
    it('keeps the least interval and its jitter between two reservations', async () => {
      const { quota } = handle.ledger;
      const request = aReserveRequest({ minIntervalMs: 300, jitterMs: 50 });
      const before = await handle.ledger.now();
      const first = await grant(quota, request);
      expect(first.nextAtMs).toBeGreaterThanOrEqual(before + 350);
      expect(await denial(quota, request)).toEqual({
        granted: false,
        reason: 'Pacing',
        retryAtMs: first.nextAtMs,
        used: 1,
      });
      await handle.reach(first.nextAtMs);
      expect((await grant(quota, request)).nextAtMs).toBeGreaterThanOrEqual(first.nextAtMs + 350);
    });

    it('asks for no more than the interval that is declared now, and keeps that', async () => {
      const { quota } = handle.ledger;
      await grant(quota, aReserveRequest({ minIntervalMs: 3_600_000, jitterMs: 50 }));
      const request = aReserveRequest({ minIntervalMs: 200, jitterMs: 50 });
      const before = await handle.ledger.now();
      const retryAtMs = retryTime(await denial(quota, request));
      expect(retryAtMs).toBeGreaterThanOrEqual(before + 250);
      expect(retryAtMs).toBeLessThanOrEqual((await handle.ledger.now()) + 250);
      expect(retryTime(await denial(quota, request))).toBe(retryAtMs);
      await handle.reach(retryAtMs);
      await grant(quota, request);
    });

    it('lets one of many through at a time', async () => {
      const request = aReserveRequest({ minIntervalMs: 60_000 });
      const asks = Array.from({ length: 30 }, () => handle.ledger.quota.reserve(request));
      expect((await Promise.all(asks)).filter((answer) => answer.granted)).toHaveLength(1);
    });

    it('gives way to the quota as the reason, but not as the time', async () => {
      const request = aReserveRequest({
        recipients: 2,
        limits: [aDayLimit({ windowMs: 500, recipients: 2 })],
        minIntervalMs: 600_000,
      });
      const { nextAtMs } = await grant(handle.ledger.quota, request);
      expect(await denial(handle.ledger.quota, request)).toMatchObject({
        reason: 'QuotaExhausted',
        retryAtMs: nextAtMs,
      });
    });

    it('is slowed down by a throttle', async () => {
      const { quota } = handle.ledger;
      const request = aReserveRequest({ minIntervalMs: 1_000 });
      const reply = { text: '550 5.7.1 unsolicited', minStopMs: 0, limits: request.limits };
      await quota.applyConsequence(request.subject, { throttle: { factor: 0.25 } }, reply);
      await quota.applyConsequence(request.subject, { throttle: { factor: 0.5 } }, reply);
      expect((await quota.usage([request]))[0]?.throttleFactor).toBe(0.25);
      const before = await handle.ledger.now();
      expect((await grant(quota, request)).nextAtMs).toBeGreaterThanOrEqual(before + 4_000);
    });
  });

  describe('an allowance that is spread over the sending window', () => {
    const HOUR = 3_600_000;
    const spread = (closesMs: number, recipients = 10) =>
      aReserveRequest({ limits: [aDayLimit({ recipients })], minIntervalMs: 10, spreadUntilMs: closesMs });

    it('lasts until its close', async () => {
      const { quota } = handle.ledger;
      const nowMs = await handle.ledger.now();
      const answer = await grant(quota, spread(nowMs + HOUR));
      const seenMs = await handle.ledger.now();
      expect(answer.nextAtMs).toBeLessThanOrEqual(seenMs + HOUR / 10);
      expect(answer.nextAtMs).toBeGreaterThanOrEqual(nowMs + (nowMs + HOUR - seenMs) / 10 - 1);
      expect(await denial(quota, spread(nowMs + HOUR))).toMatchObject({
        reason: 'Pacing',
        retryAtMs: answer.nextAtMs,
      });
    });

    it('follows a changed cap with the next message', async () => {
      const { quota } = handle.ledger;
      const closesMs = (await handle.ledger.now()) + 2_000;
      await handle.reach((await grant(quota, spread(closesMs))).nextAtMs);
      const answer = await grant(quota, spread(closesMs, 1_000));
      expect(answer.nextAtMs).toBeLessThanOrEqual((await handle.ledger.now()) + 10);
    });

    it('does not go on waiting at the pace of a cap that was raised meanwhile', async () => {
      const { quota } = handle.ledger;
      const closesMs = (await handle.ledger.now()) + 8 * HOUR;
      await grant(quota, spread(closesMs));
      const retryAtMs = retryTime(await denial(quota, spread(closesMs, 1_000)));
      expect(retryAtMs).toBeLessThanOrEqual((await handle.ledger.now()) + (8 * HOUR) / 999);
    });

    it('is not spread once it is closed', async () => {
      const nowMs = await handle.ledger.now();
      const answer = await grant(handle.ledger.quota, spread(nowMs));
      expect(answer.nextAtMs).toBeLessThanOrEqual((await handle.ledger.now()) + 10);
    });
  });

  describe('a warm-up', () => {
    const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 50 };
    const ramp = (recipients: number, cap = 100) =>
      aReserveRequest({ recipients, warmup, limits: [aDayLimit({ windowMs: 1_500, recipients: cap })] });

    it('caps the first day and grows with the next, which begins a day after the first message', async () => {
      const { quota } = handle.ledger;
      const before = await handle.ledger.now();
      await grant(quota, ramp(20));
      const answer = await denial(quota, ramp(1));
      expect(answer.reason).toBe('QuotaExhausted');
      expect(retryTime(answer)).toBeGreaterThanOrEqual(before + 1_500);
      await handle.reach(retryTime(answer));
      await grant(quota, ramp(10));
      expect((await quota.usage([ramp(1)]))[0]?.cap).toBeGreaterThanOrEqual(30);
    });

    it('does not grow for a day in which the provider throttled the mailbox, however often', async () => {
      const { quota } = handle.ledger;
      const before = await handle.ledger.now();
      await grant(quota, ramp(20));
      const began = await handle.ledger.now();
      const { subject, limits } = ramp(1);
      const reply = { text: '421 4.7.0 slow down', minStopMs: 0, limits, warmup };
      for (let told = 0; told < 3; told += 1)
        await quota.applyConsequence(subject, { holdsWarmup: true }, reply);
      const held = (await quota.usage([ramp(1)]))[0]?.warmup;
      expect(held).toMatchObject({ recipientsPerDay: 20 });
      expect(held?.heldUntilMs).toBeGreaterThanOrEqual(before + 1_500);
      expect(held?.growsAtMs).toBe((held?.heldUntilMs ?? 0) + 1_500);
      await handle.reach(began + 1_500);
      expect((await quota.usage([ramp(1)]))[0]).toMatchObject({ cap: 20, warmup: { recipientsPerDay: 20 } });
      expect((await quota.usage([ramp(1)]))[0]?.warmup?.heldUntilMs).toBeUndefined();
      await handle.reach(began + 3_000);
      expect((await quota.usage([ramp(1)]))[0]).toMatchObject({ cap: 30, warmup: { recipientsPerDay: 30 } });
    });

    it('is held only where one was asked for', async () => {
      const { quota } = handle.ledger;
      const { subject, limits } = ramp(1);
      await quota.applyConsequence(subject, { holdsWarmup: true }, { text: 'slow', minStopMs: 0, limits });
      expect((await quota.usage([ramp(1)]))[0]?.warmup).toMatchObject({ recipientsPerDay: 20 });
      expect((await quota.usage([ramp(1)]))[0]?.warmup?.heldUntilMs).toBeUndefined();
      expect((await quota.usage([{ subject, limits }]))[0]?.warmup).toBeUndefined();
    });

    it('never lifts the cap', async () => {
      const request = { ...ramp(1, 10), warmup: { ...warmup, startMs: 0 } };
      expect((await handle.ledger.quota.usage([request]))[0]?.cap).toBe(10);
      expect((await denial(handle.ledger.quota, { ...request, recipients: 11 })).used).toBe(0);
    });
  });
}

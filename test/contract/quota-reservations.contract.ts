import { describe, expect, it } from 'vitest';
import { WIRE_MARGIN_MS } from '../../controller/domain/quota/rolling-window.ts';
import { aDayLimit, anHourLimit, aReserveRequest } from '../builders/quota.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import { denial, grant, retryTime } from './quota-answers.ts';

/** Long enough that nothing leaves while a test runs. */
const HOUR = 3_600_000;
/** Short enough to wait for. */
const WINDOW = 1_200;

export function describeReservations(handle: LedgerHandle): void {
  describe('reservations', () => {
    it('are granted up to the cap and no further', async () => {
      const request = aReserveRequest({ recipients: 60 });
      expect((await grant(handle.ledger.quota, request)).used).toBe(60);
      expect(await denial(handle.ledger.quota, request)).toMatchObject({
        reason: 'QuotaExhausted',
        used: 60,
      });
      expect((await grant(handle.ledger.quota, { ...request, recipients: 40 })).used).toBe(100);
    });

    it('never exceed the cap, however many ask at once', async () => {
      const asks = Array.from({ length: 250 }, () => handle.ledger.quota.reserve(aReserveRequest()));
      const answers = await Promise.all(asks);
      expect(answers.filter((answer) => answer.granted)).toHaveLength(100);
      const tokens = answers.flatMap((answer) => (answer.granted ? [answer.reservation.token] : []));
      expect(new Set(tokens).size).toBe(100);
    });

    it('of one subject leave another alone', async () => {
      await grant(handle.ledger.quota, aReserveRequest({ recipients: 100 }));
      const other = aReserveRequest({ subject: 'mailbox:bob@example.com' });
      expect((await grant(handle.ledger.quota, other)).used).toBe(1);
    });

    it('that are denied count nowhere', async () => {
      const { quota } = handle.ledger;
      await grant(quota, aReserveRequest({ recipients: 99 }));
      for (let asked = 0; asked < 5; asked += 1) await denial(quota, aReserveRequest({ recipients: 2 }));
      expect((await grant(quota, aReserveRequest({ recipients: 1 }))).used).toBe(100);
    });

    it('fit again at the time that the denial named, and that is a whole window later', async () => {
      const { quota } = handle.ledger;
      const request = aReserveRequest({ limits: [aDayLimit({ windowMs: WINDOW, recipients: 3 })] });
      const before = await handle.ledger.now();
      await grant(quota, { ...request, recipients: 3 });
      const retryAtMs = retryTime(await denial(quota, request));
      expect(retryAtMs).toBeGreaterThanOrEqual(before + WINDOW);
      await handle.reach(retryAtMs);
      expect((await grant(quota, { ...request, recipients: 3 })).used).toBe(3);
    });

    it('leave the window in the order in which they came, not all at once', async () => {
      const { quota } = handle.ledger;
      const request = aReserveRequest({ limits: [aDayLimit({ windowMs: WINDOW, recipients: 7 })] });
      await grant(quota, { ...request, recipients: 3 });
      await handle.pass(WINDOW / 2);
      await grant(quota, { ...request, recipients: 4 });
      const first = retryTime(await denial(quota, request));
      const both = retryTime(await denial(quota, { ...request, recipients: 4 }));
      expect(both - first).toBeGreaterThanOrEqual(WINDOW / 2);
      await handle.reach(first);
      expect((await grant(quota, { ...request, recipients: 3 })).used).toBe(7);
    });

    it('have left also when nobody asked for long, and the ramp still remembers its first day', async () => {
      const { quota } = handle.ledger;
      const warmup = { startRecipientsPerDay: 5, growthPercentPerDay: 100 };
      const limits = [aDayLimit({ windowMs: 300, recipients: 7 })];
      const request = aReserveRequest({ recipients: 5, limits, warmup });
      await grant(quota, request);
      await handle.pass(2 * 300 + WIRE_MARGIN_MS);
      expect((await quota.usage([request]))[0]).toMatchObject({ used: 0, cap: 7 });
      expect((await grant(quota, { ...request, recipients: 7 })).used).toBe(7);
    });

    it('follow a changed cap at once, without forgetting what was used', async () => {
      const { quota } = handle.ledger;
      const capped = (cap: number, recipients: number) =>
        aReserveRequest({ recipients, limits: [aDayLimit({ recipients: cap })] });
      await grant(quota, capped(100, 50));
      expect((await denial(quota, capped(40, 1))).used).toBe(50);
      expect((await grant(quota, capped(200, 150))).used).toBe(200);
      expect((await denial(quota, capped(200, 1))).used).toBe(200);
    });

    it('that are larger than the cap name no time', async () => {
      const answer = await denial(handle.ledger.quota, aReserveRequest({ recipients: 101 }));
      expect(answer).toMatchObject({ reason: 'QuotaExhausted', used: 0 });
      expect(answer.retryAtMs).toBeUndefined();
    });

    it('without limits are always granted', async () => {
      const request = aReserveRequest({ limits: [], recipients: 1_000_000 });
      expect((await grant(handle.ledger.quota, request)).used).toBe(0);
    });
  });

  describe('several limits', () => {
    const limits = [aDayLimit({ recipients: 10 }), anHourLimit({ windowMs: HOUR, recipients: 3 })];

    it('are counted all or not at all', async () => {
      const { quota } = handle.ledger;
      await grant(quota, aReserveRequest({ limits, recipients: 2 }));
      expect((await denial(quota, aReserveRequest({ limits, recipients: 2 }))).used).toBe(2);
      expect((await grant(quota, aReserveRequest({ limits, recipients: 1 }))).used).toBe(3);
      expect(await denial(quota, aReserveRequest({ limits, recipients: 1 }))).toMatchObject({
        reason: 'QuotaExhausted',
        used: 3,
      });
    });

    it('are asked again when the last of them has room', async () => {
      const { quota } = handle.ledger;
      const now = await handle.ledger.now();
      await grant(quota, aReserveRequest({ limits, recipients: 3 }));
      const hour = retryTime(await denial(quota, aReserveRequest({ limits, recipients: 1 })));
      expect(hour).toBeGreaterThanOrEqual(now + HOUR);
      const lower = [aDayLimit({ recipients: 3 }), anHourLimit({ recipients: 3 })];
      const day = retryTime(await denial(quota, aReserveRequest({ limits: lower, recipients: 1 })));
      expect(day).toBeGreaterThanOrEqual(now + 24 * HOUR);
    });
  });

  describe('a limit that is added later', () => {
    const day = aDayLimit({ recipients: 100 });
    const hour = anHourLimit({ recipients: 10 });

    it('begins with what the other one counted in its window', async () => {
      const { quota } = handle.ledger;
      await grant(quota, aReserveRequest({ limits: [day], recipients: 9 }));
      const both = aReserveRequest({ limits: [day, hour] });
      expect((await denial(quota, { ...both, recipients: 2 })).reason).toBe('QuotaExhausted');
      expect((await grant(quota, both)).used).toBe(10);
      expect((await denial(quota, both)).reason).toBe('QuotaExhausted');
    });

    it('knows what was sent while it was not there', async () => {
      const { quota } = handle.ledger;
      const both = aReserveRequest({ limits: [day, hour] });
      await grant(quota, both);
      await grant(quota, aReserveRequest({ limits: [day], recipients: 9 }));
      expect((await denial(quota, both)).used).toBe(10);
    });

    it('of a day begins with the hour that is known', async () => {
      const { quota } = handle.ledger;
      await grant(quota, aReserveRequest({ limits: [hour], recipients: 9 }));
      expect((await grant(quota, aReserveRequest({ limits: [day, hour] }))).used).toBe(10);
    });

    it('counts an earlier hour no more', async () => {
      const { quota } = handle.ledger;
      const short = { ...hour, windowMs: 300 };
      const limits = [{ ...day, windowMs: 200_000 }];
      await grant(quota, aReserveRequest({ limits, recipients: 9 }));
      await handle.pass(300 + WIRE_MARGIN_MS + 2 * 700);
      await grant(quota, aReserveRequest({ limits: [...limits, short], recipients: 10 }));
    });
  });

  describe('a release', () => {
    it('gives back what was reserved, once', async () => {
      const { quota } = handle.ledger;
      await grant(quota, aReserveRequest({ recipients: 30 }));
      const { reservation } = await grant(quota, aReserveRequest({ recipients: 40 }));
      await quota.release(reservation);
      await quota.release(reservation);
      expect((await grant(quota, aReserveRequest({ recipients: 70 }))).used).toBe(100);
    });

    it('gives back to every limit', async () => {
      const { quota } = handle.ledger;
      const limits = [aDayLimit(), anHourLimit({ recipients: 5 })];
      const { reservation } = await grant(quota, aReserveRequest({ limits, recipients: 5 }));
      await quota.release(reservation);
      expect((await grant(quota, aReserveRequest({ limits, recipients: 5 }))).used).toBe(5);
    });

    it('of many at once leaves nothing counted twice', async () => {
      const { quota } = handle.ledger;
      const granted = await Promise.all(Array.from({ length: 20 }, () => grant(quota, aReserveRequest())));
      const half = granted.slice(0, 10).map(({ reservation }) => reservation);
      await Promise.all([...half, ...half].map((reservation) => quota.release(reservation)));
      const [usage] = await quota.usage([aReserveRequest()]);
      expect(usage?.used).toBe(10);
    });

    it('comes too late once the reservation has left the window', async () => {
      const { quota } = handle.ledger;
      const request = aReserveRequest({ limits: [aDayLimit({ windowMs: 300, recipients: 2 })] });
      const old = await grant(quota, { ...request, recipients: 2 });
      await handle.reach(retryTime(await denial(quota, request)));
      await grant(quota, { ...request, recipients: 2 });
      await quota.release(old.reservation);
      const [usage] = await quota.usage([request]);
      expect([0, 2]).toContain(usage?.used);
      expect((await quota.reserve({ ...request, recipients: 3 })).granted).toBe(false);
    });
  });
}

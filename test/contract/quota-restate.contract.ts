import { describe, expect, it } from 'vitest';
import type { RememberedReservation } from '../../controller/domain/ports/quota-ledger.ts';
import { aDayLimit, anHourLimit, aReserveRequest } from '../builders/quota.ts';
import type { LedgerHandle } from './ledger-setup.ts';

const REQUEST = aReserveRequest({ limits: [aDayLimit({ recipients: 5 }), anHourLimit({ recipients: 4 })] });
const { subject, limits } = REQUEST;

/** A ledger that went back in time learns again what it had granted. */
export function describeReservationsToldAgain(handle: LedgerHandle): void {
  describe('reservations that are told again', () => {
    const used = async () => (await handle.ledger.quota.usage([{ subject, limits }]))[0]?.used;
    const reserve = () => handle.ledger.quota.reserve(REQUEST);
    const tell = (reservations: readonly RememberedReservation[], nextAtMs = 0) =>
      handle.ledger.quota.restate({ subject, reservations, nextAtMs });
    const granted = async () => {
      const answer = await reserve();
      if (!answer.granted) throw new Error('nothing was granted');
      return answer.reservation;
    };
    /** As if the ledger had granted reservation `number` after `like` and forgotten it. */
    const forgotten = (
      like: { token: string },
      number: number,
      isReleased = false,
    ): RememberedReservation => ({
      reservation: { subject, recipients: 1, token: like.token.replace(/^\d+/, String(number)) },
      isReleased,
    });

    it('count again, each once, whoever tells them how often', async () => {
      const known = await granted();
      const told = [{ reservation: known, isReleased: false }, forgotten(known, 2), forgotten(known, 4)];
      expect(await tell(told)).toBe(2);
      expect(await tell(told)).toBe(0);
      expect(await tell([forgotten(known, 3)])).toBe(1);
      expect(await used()).toBe(4);
      expect(await reserve()).toMatchObject({ granted: false, reason: 'QuotaExhausted' });
    });

    it('do not count when they were given back, and those that are known are given back', async () => {
      const [first, second] = [await granted(), await granted()];
      const told = [{ reservation: second, isReleased: true }, forgotten(first, 3, true)];
      expect(await tell(told)).toBe(0);
      expect(await used()).toBe(1);
      expect(await tell(told)).toBe(0);
      expect(await used()).toBe(1);
    });

    it('can be given back afterwards', async () => {
      const lost = forgotten(await granted(), 2);
      await tell([lost]);
      await handle.ledger.quota.release(lost.reservation);
      expect(await used()).toBe(1);
    });

    it('keep their numbers: no later reservation is taken for one of them', async () => {
      await tell([forgotten(await granted(), 9)]);
      expect((await granted()).token).toMatch(/^10\|/);
    });

    it('of an account that the ledger forgot altogether count from then on', async () => {
      const slots = limits.map(({ name, windowMs }) => ({
        name,
        windowMs,
        width: Math.ceil(windowMs / 288),
      }));
      const nowMs = await handle.ledger.now();
      const token = slots.map(
        ({ name, windowMs, width }) => `${name}:${windowMs}:${Math.floor(nowMs / width)}`,
      );
      const like = { token: `1|${token.join('|')}` };
      expect(await tell([forgotten(like, 1), forgotten(like, 2)])).toBe(2);
      expect(await used()).toBe(2);
      expect(await reserve()).toMatchObject({ granted: true, used: 3 });
    });

    it('count at their time, as long as that is within the window', async () => {
      const known = await granted();
      const hoursAgo = (hours: number) => ({
        token: known.token.replace(/:(\d+):(\d+)/g, (_all, length: string, slot: string) => {
          const width = Math.ceil(Number(length) / 288);
          return `:${length}:${Number(slot) - Math.round((hours * 3_600_000) / width)}`;
        }),
      });
      expect(await tell([forgotten(hoursAgo(2), 2), forgotten(hoursAgo(30), 3)])).toBe(2);
      expect(await used()).toBe(2);
      expect(await reserve()).toMatchObject({ granted: true, used: 3 });
    });

    it('count as of now in a window that has another length meanwhile', async () => {
      const known = await granted();
      await tell([forgotten({ token: known.token.replace('Day:86400000', 'Day:43200000') }, 2)]);
      expect(await used()).toBe(2);
    });

    it('keep the interval to the next one', async () => {
      const known = await granted();
      const nextAtMs = (await handle.ledger.now()) + 60_000;
      await tell([{ reservation: known, isReleased: false }], nextAtMs);
      const paced = await handle.ledger.quota.reserve({ ...REQUEST, minIntervalMs: 60_000 });
      expect(paced).toMatchObject({ granted: false, reason: 'Pacing', retryAtMs: nextAtMs });
    });
  });
}

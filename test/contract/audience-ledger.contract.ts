import { describe, expect, it } from 'vitest';
import { AUDIENCE_CHUNK_ROWS, type AudienceRow } from '../../controller/domain/ports/audience-ledger.ts';
import { anAudienceRow, audienceRows } from '../builders/audience.ts';
import { useLedger, type LedgerSetup } from './ledger-setup.ts';
import { POOL, countsOf, importRows, openPool, someCounts, startSender } from './pool-fixture.ts';

const SPRING = { ...POOL, campaign: 'spring' };

/** What every AudienceLedger must do. */
export function describeAudienceLedger(name: string, setup: LedgerSetup): void {
  describe(`audience ledger: ${name}`, () => {
    const handle = useLedger(setup);
    const commit = (change: {
      revision?: string;
      total: number;
      removed?: number[];
      restored?: number[];
    }): Promise<void> => {
      const { total } = change;
      const counts = { read: total + 2, accepted: total, invalid: 1, duplicate: 1 };
      return handle.ledger.audience.commit(SPRING, {
        revision: 'r1',
        removed: [],
        restored: [],
        counts,
        ...change,
      });
    };
    const append = (firstRow: number, rows: readonly AudienceRow[]): Promise<void> =>
      handle.ledger.audience.append(SPRING, firstRow, rows);

    describe('an import', () => {
      it('of a campaign that never had one is nothing', async () => {
        expect(await handle.ledger.audience.state(SPRING)).toEqual({
          revision: '',
          rows: 0,
          counts: { read: 0, accepted: 0, invalid: 0, duplicate: 0 },
        });
        expect(await handle.ledger.audience.chunk(SPRING, 0)).toEqual([]);
        expect(await countsOf(handle.ledger)).toEqual(someCounts({}));
      });

      it('is not seen before it is committed', async () => {
        await openPool(handle.ledger, 0);
        const sender = await startSender(handle.ledger, 'a');
        await append(0, audienceRows(3));
        expect(await sender.claim()).toEqual([]);
        expect((await handle.ledger.audience.state(SPRING)).rows).toBe(0);
        await commit({ total: 3 });
        expect(await sender.claim()).toHaveLength(3);
        expect(await handle.ledger.audience.state(SPRING)).toEqual({
          revision: 'r1',
          rows: 3,
          counts: { read: 5, accepted: 3, invalid: 1, duplicate: 1 },
        });
      });

      it('keeps the rows as they came, in chunks', async () => {
        const rows = audienceRows(AUDIENCE_CHUNK_ROWS + 7);
        await append(0, rows.slice(0, 100));
        await append(100, rows.slice(100));
        await commit({ total: rows.length });
        expect(await handle.ledger.audience.chunk(SPRING, 0)).toEqual(rows.slice(0, AUDIENCE_CHUNK_ROWS));
        expect(await handle.ledger.audience.chunk(SPRING, 1)).toEqual(rows.slice(AUDIENCE_CHUNK_ROWS));
        expect(await handle.ledger.audience.chunk(SPRING, 2)).toEqual([]);
      });

      it('keeps addresses and variables of any kind', async () => {
        const odd = [
          anAudienceRow({
            address: '"a\tb\\" c"@xn--bcher-kva.example',
            key: 'k\u0000|\t1',
            variables: { näme: 'Zoë "the\nfirst"', empty: '', 'a/b': '{"x":1}' },
          }),
          anAudienceRow({ address: 'ünï@bücher.example', key: 'é', variables: { __proto: 'x' } }),
        ];
        await append(0, odd);
        await commit({ total: 2 });
        expect(await handle.ledger.audience.chunk(SPRING, 0)).toEqual(odd);
      });

      it('that broke off is overwritten by the next', async () => {
        await append(0, audienceRows(5, 100));
        const rows = audienceRows(3);
        await append(0, rows);
        await commit({ total: 3 });
        expect(await handle.ledger.audience.chunk(SPRING, 0)).toEqual(rows);
        expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 3, pending: 3 }));
      });

      it('that broke off behind earlier rows leaves those in force', async () => {
        await openPool(handle.ledger, 2);
        await append(2, audienceRows(5, 100));
        expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, pending: 2 }));
        const sender = await startSender(handle.ledger, 'a');
        expect(await sender.claim()).toHaveLength(2);
      });

      it('committed twice counts once', async () => {
        await append(0, audienceRows(4));
        await commit({ total: 4, removed: [1] });
        await commit({ total: 4, removed: [1] });
        expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 4, pending: 3, cancelled: 1 }));
      });
    });

    describe('a changed audience', () => {
      it('sends to new rows and never again to known ones', async () => {
        await openPool(handle.ledger, 2);
        const sender = await startSender(handle.ledger, 'a');
        for (const claim of await sender.claim()) await sender.deliver(claim);
        await append(2, audienceRows(2, 2));
        await commit({ revision: 'r2', total: 4 });
        const claims = await sender.claim();
        expect(claims.map(({ key }) => key.row).sort()).toEqual([2, 3]);
        expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 4, delivered: 2, inFlight: 2 }));
      });

      it('opens a complete campaign again', async () => {
        await openPool(handle.ledger, 1);
        const sender = await startSender(handle.ledger, 'a');
        await sender.deliver(await sender.claimOne());
        expect((await handle.ledger.audience.counts(SPRING)).completedMs).toBeDefined();
        await append(1, audienceRows(1, 1));
        await commit({ revision: 'r2', total: 2 });
        expect((await handle.ledger.audience.counts(SPRING)).completedMs).toBeUndefined();
      });

      it('cancels removed rows that were not tried, and only those', async () => {
        await openPool(handle.ledger, 5);
        const sender = await startSender(handle.ledger, 'a');
        const [delivered, deferred, held, returned] = await sender.claim({ any: 4 });
        if (!delivered || !deferred || !held || !returned) throw new Error('four claims were asked for');
        await sender.deliver(delivered);
        const later = { dueInMs: 600_000, constraint: { kind: 'Any' }, overflow: '' } as const;
        await sender.settle(deferred, { settlement: { kind: 'Deferred', ...later } });
        await sender.settle(returned, { settlement: { kind: 'Returned', ...later } });
        await commit({ revision: 'r2', total: 5, removed: [0, 1, 2, 3, 4] });
        expect(await countsOf(handle.ledger)).toEqual(
          someCounts({ total: 5, delivered: 1, deferred: 1, inFlight: 1, cancelled: 2 }),
        );
        const cancelled = [0, 1, 2, 3, 4].filter(
          (row) => ![delivered, deferred, held].some(({ key }) => key.row === row),
        );
        expect(await handle.ledger.audience.cancelledRows(SPRING)).toEqual(cancelled);
        expect(await sender.claim()).toEqual([]);
        expect(await sender.deliver(held)).toBe('Ok');
      });

      it('restores rows that were cancelled, and only those', async () => {
        await openPool(handle.ledger, 3);
        const sender = await startSender(handle.ledger, 'a');
        const first = await sender.claimOne();
        await sender.deliver(first);
        await commit({ revision: 'r2', total: 3, removed: [0, 1, 2] });
        expect(await sender.claim()).toEqual([]);
        await commit({ revision: 'r3', total: 3, restored: [0, 1, 2] });
        await commit({ revision: 'r3', total: 3, restored: [0, 1, 2] });
        expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 3, delivered: 1, pending: 2 }));
        expect(await handle.ledger.audience.cancelledRows(SPRING)).toEqual([]);
        const rows = (await sender.claim()).map(({ key }) => key.row);
        expect(rows.sort()).toEqual([0, 1, 2].filter((row) => row !== first.key.row));
        expect(await sender.claim()).toEqual([]);
      });

      it('removed entirely is complete', async () => {
        await openPool(handle.ledger, 2);
        await commit({ revision: 'r2', total: 2, removed: [0, 1] });
        expect((await handle.ledger.audience.counts(SPRING)).completedMs).toBeDefined();
      });
    });

    describe('cancelling', () => {
      it('ends what is not tried and what waits, and lets go on what a sender holds', async () => {
        await openPool(handle.ledger, 4);
        const sender = await startSender(handle.ledger, 'a');
        const [delivered, deferred, held] = await sender.claim({ any: 3 });
        if (!delivered || !deferred || !held) throw new Error('three claims were asked for');
        await sender.deliver(delivered, { followUp: { step: 1, dueInMs: 600_000 } });
        const later = { dueInMs: 0, constraint: { kind: 'Esp' }, overflow: '' } as const;
        await sender.settle(deferred, { settlement: { kind: 'Deferred', ...later } });
        expect(await handle.ledger.audience.cancel(SPRING)).toBe(3);
        expect(await handle.ledger.audience.cancel(SPRING)).toBe(0);
        expect(await countsOf(handle.ledger)).toEqual(
          someCounts({ total: 5, delivered: 1, inFlight: 1, cancelled: 3 }),
        );
        expect(await sender.claim({ any: 5, esp: 5 })).toEqual([]);
        expect(await sender.deliver(held)).toBe('Ok');
        const counts = await handle.ledger.audience.counts(SPRING);
        expect(counts.completedMs).toBeDefined();
        expect(counts.nextDueMs).toBeUndefined();
      });

      it('forgets the revision, so that the same source can restore what it names', async () => {
        await openPool(handle.ledger, 2);
        await handle.ledger.audience.cancel(SPRING);
        expect(await handle.ledger.audience.state(SPRING)).toMatchObject({ revision: '', rows: 2 });
        expect(await handle.ledger.audience.cancelledRows(SPRING)).toEqual([0, 1]);
        await commit({ total: 2, restored: [0, 1] });
        const sender = await startSender(handle.ledger, 'a');
        expect(await sender.claim()).toHaveLength(2);
      });

      it('leaves other campaigns alone', async () => {
        await openPool(handle.ledger, 2);
        await importRows(handle.ledger, 'spring-2', 3);
        await handle.ledger.audience.cancel(SPRING);
        expect(await countsOf(handle.ledger, 'spring-2')).toEqual(someCounts({ total: 3, pending: 3 }));
      });
    });
  });
}

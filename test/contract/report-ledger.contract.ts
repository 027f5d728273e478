import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../../controller/api/attempt.ts';
import { aDeferredRecord, aFailedRecord, anAttemptRecord } from '../builders/attempt.ts';
import { useLedger, type LedgerSetup } from './ledger-setup.ts';
import { POOL, countsOf, openPool, startSender, type TestSender } from './pool-fixture.ts';

const ANNA = 'mailbox/anna';
const LATER = { kind: 'Deferred', dueInMs: 0, constraint: { kind: 'Any' }, overflow: '' } as const;

/** Ends one message with the outcome that its record names. */
async function conclude(sender: TestSender, record: (row: number) => AttemptRecord): Promise<void> {
  const claim = await sender.claimOne();
  const made = record(claim.key.row);
  const { outcome, route } = made;
  const settlement = outcome === 'Deferred' ? LATER : ({ kind: 'Terminal', outcome } as const);
  await sender.settle(claim, { settlement, record: made, route });
}

/** What every ReportLedger must do. */
export function describeReportLedger(name: string, setup: LedgerSetup): void {
  describe(`report ledger: ${name}`, () => {
    const handle = useLedger(setup);
    const routes = () => handle.ledger.reports.routes(POOL);

    it('knows nothing of a pool that never sent', async () => {
      expect(await routes()).toEqual([]);
      const { records } = await handle.ledger.reports.attempts(POOL, '', 10);
      expect(records).toEqual([]);
    });

    it('counts per route how its messages ended, and every reply', async () => {
      await openPool(handle.ledger, 4);
      const sender = await startSender(handle.ledger, 'a');
      await conclude(sender, (row) => anAttemptRecord({ row }));
      await conclude(sender, (row) => anAttemptRecord({ row }));
      await conclude(sender, (row) => aFailedRecord({ row }));
      const before = await handle.ledger.now();
      await conclude(sender, (row) => aDeferredRecord({ row }));
      const [anna, ...others] = await routes();
      expect(others).toEqual([]);
      expect(anna).toMatchObject({
        route: ANNA,
        sent: 2,
        deferred: 1,
        failed: 1,
        suppressed: 0,
        uncertain: 0,
        overflow: 0,
      });
      expect(anna?.replies).toHaveLength(3);
      expect(anna?.replies).toEqual(
        expect.arrayContaining([
          { code: 250, enhancedCode: '2.0.0', count: 2 },
          { code: 550, enhancedCode: '5.1.1', count: 1 },
          { code: 450, enhancedCode: '4.2.1', count: 1 },
        ]),
      );
      expect(anna?.lastReply?.text).toBe('450 4.2.1 The user is receiving mail too quickly');
      expect(anna?.lastReply?.timeMs).toBeGreaterThanOrEqual(before);
    });

    it('does not take an acceptance for the last bad reply', async () => {
      await openPool(handle.ledger, 2);
      const sender = await startSender(handle.ledger, 'a');
      await conclude(sender, (row) => aFailedRecord({ row }));
      await conclude(sender, (row) => anAttemptRecord({ row }));
      expect((await routes())[0]?.lastReply?.text).toBe('550 5.1.1 No such user');
    });

    it('counts overflow where the record names a reason, for the route and the campaign', async () => {
      await openPool(handle.ledger, 2);
      const sender = await startSender(handle.ledger, 'a');
      const relay = { route: 'esp/relay', overflow: 'QuotaExhausted' };
      await conclude(sender, (row) => anAttemptRecord({ row, ...relay }));
      await conclude(sender, (row) => anAttemptRecord({ row }));
      const found = await routes();
      expect(found.find(({ route }) => route === 'esp/relay')).toMatchObject({ sent: 1, overflow: 1 });
      expect(found.find(({ route }) => route === ANNA)).toMatchObject({ sent: 1, overflow: 0 });
      expect((await countsOf(handle.ledger)).overflow).toBe(1);
    });

    it('counts a message that was held back for its route, without a reply', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const settlement = { kind: 'Terminal', outcome: 'Suppressed' } as const;
      await sender.settle(await sender.claimOne(), { settlement, route: ANNA });
      const [anna] = await routes();
      expect(anna).toMatchObject({ suppressed: 1, sent: 0, replies: [] });
      expect(anna?.lastReply).toBeUndefined();
    });

    it('counts nothing for a message that ends without a route', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const settlement = { kind: 'Terminal', outcome: 'Cancelled' } as const;
      await sender.settle(await sender.claimOne(), { settlement });
      expect(await routes()).toEqual([]);
    });

    it('hands out the attempt records oldest first, page by page, without a gap or a repetition', async () => {
      await openPool(handle.ledger, 7);
      const sender = await startSender(handle.ledger, 'a');
      for (let sent = 0; sent < 7; sent += 1) {
        await conclude(sender, (row) => anAttemptRecord({ row, timeMs: sent }));
      }
      const times: number[] = [];
      let cursor = '';
      for (const expected of [3, 3, 1, 0]) {
        const page = await handle.ledger.reports.attempts(POOL, cursor, 3);
        expect(page.records).toHaveLength(expected);
        times.push(...page.records.map(({ timeMs }) => timeMs));
        cursor = page.cursor;
      }
      expect(times).toEqual([0, 1, 2, 3, 4, 5, 6]);
    });

    it('goes on from a cursor when more was sent since', async () => {
      await openPool(handle.ledger, 2);
      const sender = await startSender(handle.ledger, 'a');
      await conclude(sender, (row) => anAttemptRecord({ row, timeMs: 1 }));
      const first = await handle.ledger.reports.attempts(POOL, '', 10);
      const none = await handle.ledger.reports.attempts(POOL, first.cursor, 10);
      expect(none.records).toEqual([]);
      await conclude(sender, (row) => anAttemptRecord({ row, timeMs: 2 }));
      const next = await handle.ledger.reports.attempts(POOL, none.cursor, 10);
      expect(next.records.map(({ timeMs }) => timeMs)).toEqual([2]);
    });

    it('keeps a record as it was written', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const record = aFailedRecord({ text: 'Zoë said "no"\t{}', recipient: 'zoë@bücher.example' });
      await conclude(sender, () => record);
      const { records } = await handle.ledger.reports.attempts(POOL, '', 10);
      expect(records).toEqual([record]);
    });
  });
}

import { describe, expect, it } from 'vitest';
import { aDeferredRecord } from '../builders/attempt.ts';
import { aClaim } from '../builders/queue.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import { POOL, attemptsOf, countsOf, openPool, recordOf, someCounts, startSender } from './pool-fixture.ts';

const SPRING = { ...POOL, campaign: 'spring' };

export function describeSettlements(handle: LedgerHandle): void {
  describe('settling', () => {
    it('as Delivered ends the message and keeps its record', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim);
      expect(await sender.deliver(claim)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, delivered: 1 }));
      expect(await attemptsOf(handle.ledger)).toEqual([recordOf(claim)]);
      expect(await sender.claim()).toEqual([]);
    });

    it.each([
      ['Failed', { failed: 1 }],
      ['Suppressed', { suppressed: 1 }],
      ['Cancelled', { cancelled: 1 }],
      ['Uncertain', { uncertain: 1 }],
    ] as const)('as %s ends the message', async (outcome, counts) => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim);
      expect(await sender.settle(claim, { settlement: { kind: 'Terminal', outcome } })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, ...counts }));
      expect(await sender.claim()).toEqual([]);
      expect(await attemptsOf(handle.ledger)).toEqual([]);
    });

    it('twice, for a lost answer, is Ok and counts once', async () => {
      await openPool(handle.ledger, 2);
      const sender = await startSender(handle.ledger, 'a');
      const [first, second] = await sender.claim({ any: 2 });
      if (first === undefined || second === undefined) throw new Error('two claims were asked for');
      const followUp = { step: 1, dueInMs: 60_000 };
      expect(await sender.deliver(first, { followUp })).toBe('Ok');
      expect(await sender.deliver(first, { followUp })).toBe('Ok');
      const settlement = {
        kind: 'Deferred',
        dueInMs: 60_000,
        constraint: { kind: 'Any' },
        overflow: '',
      } as const;
      const deferred = {
        settlement,
        record: aDeferredRecord({ row: second.key.row }),
        route: 'mailbox/anna',
      };
      expect(await sender.settle(second, deferred)).toBe('Ok');
      expect(await sender.settle(second, deferred)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(
        someCounts({ total: 3, delivered: 1, deferred: 1, pending: 1 }),
      );
      expect(await attemptsOf(handle.ledger)).toHaveLength(2);
      const [route] = await handle.ledger.reports.routes(POOL);
      expect(route).toMatchObject({ route: 'mailbox/anna', sent: 1, deferred: 1 });
    });

    it('at once in parallel counts once', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await Promise.all(Array.from({ length: 10 }, () => sender.deliver(claim)));
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, delivered: 1 }));
      expect(await attemptsOf(handle.ledger)).toHaveLength(1);
    });

    it('a claim that was never given is Fenced or without effect', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      await sender.deliver(aClaim({ token: 'never-given' }));
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, pending: 1 }));
      expect(await attemptsOf(handle.ledger)).toEqual([]);
    });

    it('as Deferred counts the attempt and remembers what the message may do', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim);
      const settlement = {
        kind: 'Deferred',
        dueInMs: 0,
        constraint: { kind: 'Esp' },
        overflow: 'QuotaExhausted',
      } as const;
      await sender.settle(claim, { settlement, record: aDeferredRecord(), route: 'mailbox/anna' });
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, deferred: 1 }));
      const [again] = await sender.claim({ any: 0, esp: 1 });
      expect(again).toMatchObject({
        key: claim.key,
        attempts: 1,
        constraint: { kind: 'Esp' },
        overflow: 'QuotaExhausted',
      });
      expect(again?.firstAttemptMs).toBeLessThanOrEqual(await handle.ledger.now());
      expect(again?.token).not.toBe(claim.token);
    });

    it('as Returned, also after begin, gives the message back as if it was never claimed', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim);
      const settlement = { kind: 'Returned', dueInMs: 0, constraint: { kind: 'Any' }, overflow: '' } as const;
      expect(await sender.settle(claim, { settlement })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, pending: 1 }));
      const again = await sender.claimOne();
      expect(again).toMatchObject({ key: claim.key, attempts: 0 });
      expect(again.firstAttemptMs).toBeUndefined();
      expect(await handle.ledger.reports.routes(POOL)).toEqual([]);
    });

    it('as Returned keeps the message away as long as it is told', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      const settlement = {
        kind: 'Returned',
        dueInMs: 600,
        constraint: { kind: 'Any' },
        overflow: '',
      } as const;
      await sender.settle(claim, { settlement });
      const after = await handle.ledger.now();
      expect(await sender.claim()).toEqual([]);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, pending: 1 }));
      await handle.reach(after + 600);
      await sender.claimOne();
    });
  });

  describe('a sequence', () => {
    it('goes on with the next step when one was delivered, in its time', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.deliver(claim, { followUp: { step: 1, dueInMs: 600 } });
      const after = await handle.ledger.now();
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, delivered: 1, pending: 1 }));
      expect(await sender.claim()).toEqual([]);
      await handle.reach(after + 600);
      const next = await sender.claimOne();
      expect(next).toMatchObject({
        key: { campaign: 'spring', step: 1, row: claim.key.row },
        attempts: 0,
        constraint: { kind: 'Any' },
      });
      await sender.deliver(next, { followUp: { step: 2, dueInMs: 0 } });
      expect((await sender.claimOne()).key.step).toBe(2);
    });

    it('ends for a row whose message was not delivered', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.deliver(claim, {
        settlement: { kind: 'Terminal', outcome: 'Failed' },
        followUp: { step: 1, dueInMs: 0 },
      });
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, failed: 1 }));
    });
  });

  describe('a campaign', () => {
    it('starts with its first claim and is complete when nothing is left to do', async () => {
      await openPool(handle.ledger, 2);
      const sender = await startSender(handle.ledger, 'a');
      expect((await handle.ledger.audience.counts(SPRING)).startedMs).toBeUndefined();
      const before = await handle.ledger.now();
      await sender.deliver(await sender.claimOne());
      const half = await handle.ledger.audience.counts(SPRING);
      expect(half.startedMs).toBeGreaterThanOrEqual(before);
      expect(half.completedMs).toBeUndefined();
      await sender.deliver(await sender.claimOne());
      const done = await handle.ledger.audience.counts(SPRING);
      expect(done.startedMs).toBe(half.startedMs);
      expect(done.completedMs).toBeGreaterThanOrEqual(done.startedMs ?? Infinity);
    });

    it('is not complete while a step is still to come', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      await sender.deliver(await sender.claimOne(), { followUp: { step: 1, dueInMs: 0 } });
      expect((await handle.ledger.audience.counts(SPRING)).completedMs).toBeUndefined();
      await sender.deliver(await sender.claimOne());
      expect((await handle.ledger.audience.counts(SPRING)).completedMs).toBeDefined();
    });
  });
}

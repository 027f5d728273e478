import { describe, expect, it } from 'vitest';
import type { Claim } from '../../controller/domain/ports/queue-ledger.ts';
import { aDeferredRecord, aFailedRecord, anUncertainRecord } from '../builders/attempt.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import {
  POOL,
  attemptsOf,
  countsOf,
  lostRecordOf,
  openPool,
  recordOf,
  someCounts,
  startSender,
  type TestSender,
} from './pool-fixture.ts';

const LEASE_MS = 400;
const DEFERRED = { kind: 'Deferred', dueInMs: 0, constraint: { kind: 'Any' }, overflow: '' } as const;

export function describeRecovery(handle: LedgerHandle): void {
  /** A sender that falls silent with one message on the wire and one that is not. */
  async function silentSender(): Promise<{ dead: TestSender; onWire: Claim; claimed: Claim }> {
    await openPool(handle.ledger, 2);
    const dead = await startSender(handle.ledger, 'dead', { leaseMs: LEASE_MS });
    const [onWire, claimed] = await dead.claim({ any: 2 });
    if (onWire === undefined || claimed === undefined) throw new Error('two claims were asked for');
    await dead.begin(onWire);
    await handle.pass(LEASE_MS + 5);
    return { dead, onWire, claimed };
  }

  const uncertainOn = async (): Promise<number | undefined> =>
    (await handle.ledger.reports.routes(POOL)).find(({ route }) => route === 'mailbox/anna')?.uncertain;

  describe('recovery', () => {
    it('leaves the claims of living senders alone', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim);
      expect(await handle.ledger.queue.recover(POOL)).toEqual([]);
      expect(await sender.deliver(claim)).toBe('Ok');
    });

    it('gives back what a silent sender had not begun, and makes the rest Uncertain', async () => {
      const { onWire, claimed } = await silentSender();
      const [found, ...more] = await handle.ledger.queue.recover(POOL);
      expect(more).toEqual([]);
      expect(found).toMatchObject({
        key: onWire.key,
        route: 'mailbox/anna',
        messageId: recordOf(onWire).messageId,
        attempts: 1,
      });
      expect(found?.beganMs).toBeLessThanOrEqual((await handle.ledger.now()) - LEASE_MS);
      expect(await handle.ledger.queue.recover(POOL)).toEqual([]);
      expect(await handle.ledger.queue.uncertain(POOL, 10)).toEqual([found]);
      expect(await handle.ledger.queue.uncertain(POOL, 0)).toEqual([]);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, uncertain: 1, pending: 1 }));
      expect(await uncertainOn()).toBe(1);
      const heir = await startSender(handle.ledger, 'heir');
      expect((await heir.claim()).map(({ key }) => key)).toEqual([claimed.key]);
    });

    it('takes each claim once, however many senders recover at once', async () => {
      await silentSender();
      const found = await Promise.all(Array.from({ length: 5 }, () => handle.ledger.queue.recover(POOL)));
      expect(found.flat()).toHaveLength(1);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, uncertain: 1, pending: 1 }));
    });

    it('fences the dead sender: nothing that it does later counts', async () => {
      const { dead, claimed } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const heir = await startSender(handle.ledger, 'heir');
      const taken = await heir.claimOne();
      expect(await dead.begin(claimed)).toBe('Fenced');
      expect(await dead.deliver(claimed)).toBe('Fenced');
      expect(await dead.settle(claimed, { settlement: DEFERRED })).toBe('Fenced');
      expect(await dead.claim()).toEqual([]);
      const share = await handle.ledger.lanes.share(dead.key, {
        leaseMs: LEASE_MS,
        routes: ['mailbox/anna'],
        busy: [],
        states: [],
      });
      expect(share).toMatchObject({ evicted: true, owned: [] });
      expect(await attemptsOf(handle.ledger)).toHaveLength(1);
      expect(await heir.begin(taken)).toBe('Ok');
    });

    it('leaves the one record of an attempt whose sender did not live to write it', async () => {
      const { onWire } = await silentSender();
      const [found] = await handle.ledger.queue.recover(POOL);
      await handle.ledger.queue.recover(POOL);
      const [record, ...more] = await attemptsOf(handle.ledger);
      expect(more).toEqual([]);
      const { timeMs = 0, durationMs = 0 } = record ?? {};
      expect(record).toEqual(lostRecordOf(onWire, { timeMs, durationMs }));
      expect(timeMs - durationMs).toBe(found?.beganMs);
      expect(timeMs).toBeLessThanOrEqual(await handle.ledger.now());
      expect((await handle.ledger.reports.routes(POOL))[0]).toMatchObject({ uncertain: 1, replies: [] });
    });

    it('lets the dead sender still say that its message was delivered: that is evidence', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      expect(await dead.deliver(onWire, { followUp: { step: 1, dueInMs: 60_000 } })).toBe('Ok');
      expect(await dead.deliver(onWire, { followUp: { step: 1, dueInMs: 60_000 } })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 3, delivered: 1, pending: 2 }));
      expect(await uncertainOn()).toBe(0);
      expect(await attemptsOf(handle.ledger)).toEqual([recordOf(onWire)]);
      expect(await handle.ledger.queue.uncertain(POOL, 10)).toEqual([]);
    });

    it('lets the dead sender still say that its message was refused for now: another one sends it again', async () => {
      const { dead, onWire, claimed } = await silentSender();
      const [found] = await handle.ledger.queue.recover(POOL);
      const record = aDeferredRecord({ row: onWire.key.row });
      const deferred = { settlement: DEFERRED, record, route: 'mailbox/anna' };
      expect(await dead.settle(onWire, deferred)).toBe('Ok');
      expect(await dead.settle(onWire, deferred)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, deferred: 1, pending: 1 }));
      expect(await attemptsOf(handle.ledger)).toEqual([record]);
      expect((await handle.ledger.reports.routes(POOL))[0]).toMatchObject({ deferred: 1, uncertain: 0 });
      const heir = await startSender(handle.ledger, 'heir');
      const taken = await heir.claim();
      expect(taken.find(({ key }) => key.row === onWire.key.row)).toMatchObject({
        attempts: 1,
        firstAttemptMs: found?.beganMs,
      });
      expect(taken.map(({ key }) => key.row).sort()).toEqual([onWire.key.row, claimed.key.row].sort());
      await dead.deliver(onWire);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, inFlight: 2 }));
    });

    it('lets the dead sender still say that its message was refused for good', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const record = aFailedRecord({ row: onWire.key.row });
      const failed = {
        settlement: { kind: 'Terminal', outcome: 'Failed' },
        record,
        route: 'mailbox/anna',
      } as const;
      expect(await dead.settle(onWire, failed)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, failed: 1, pending: 1 }));
      expect(await attemptsOf(handle.ledger)).toEqual([record]);
    });

    it('lets the dead sender still say that nothing was attempted: no record is left', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const settlement = { ...DEFERRED, kind: 'Returned' } as const;
      expect(await dead.settle(onWire, { settlement })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, pending: 2 }));
      expect(await attemptsOf(handle.ledger)).toEqual([]);
      const heir = await startSender(handle.ledger, 'heir');
      const again = (await heir.claim()).find(({ key }) => key.row === onWire.key.row);
      expect(again).toMatchObject({ attempts: 0 });
      expect(again?.firstAttemptMs).toBeUndefined();
    });

    it('keeps the message Uncertain when the dead sender knows no better', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const uncertain = {
        settlement: { kind: 'Terminal', outcome: 'Uncertain' },
        record: anUncertainRecord(),
        route: 'mailbox/anna',
      } as const;
      expect(await dead.settle(onWire, uncertain)).toBe('Fenced');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, uncertain: 1, pending: 1 }));
      expect(await attemptsOf(handle.ledger)).toHaveLength(1);
    });

    it('believes evidence that came first, not what the dead sender says after it', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const followUp = { step: 1, dueInMs: 60_000 };
      expect(await handle.ledger.queue.resolve(POOL, onWire.key, 'Delivered', followUp)).toBe('Ok');
      expect(await dead.deliver(onWire, { followUp })).toBe('Fenced');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 3, delivered: 1, pending: 2 }));
      expect(await attemptsOf(handle.ledger)).toHaveLength(1);
    });

    it('starts the next step once when the dead sender comes before the evidence', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const followUp = { step: 1, dueInMs: 60_000 };
      expect(await dead.deliver(onWire, { followUp })).toBe('Ok');
      expect(await handle.ledger.queue.resolve(POOL, onWire.key, 'Delivered', followUp)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 3, delivered: 1, pending: 2 }));
    });

    it('has an untried message again when one that is Uncertain without a record was not accepted', async () => {
      const { dead, onWire } = await silentSender();
      const settlement = { kind: 'Terminal', outcome: 'Uncertain' } as const;
      expect(await dead.settle(onWire, { settlement, route: 'mailbox/anna' })).toBe('Ok');
      expect(await handle.ledger.queue.resolve(POOL, onWire.key, 'NotAccepted')).toBe('Ok');
      const heir = await startSender(handle.ledger, 'heir');
      const again = (await heir.claim()).find(({ key }) => key.row === onWire.key.row);
      expect(again).toMatchObject({ attempts: 0 });
      expect(again?.firstAttemptMs).toBeUndefined();
    });

    it('hands out the records after a cursor whatever became of those before it', async () => {
      const { dead, onWire, claimed } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      const { reports } = handle.ledger;
      const { cursor } = await reports.attempts(POOL, '', 10);
      await dead.deliver(onWire);
      const heir = await startSender(handle.ledger, 'heir');
      await heir.deliver(await heir.claimOne());
      const { records } = await reports.attempts(POOL, cursor, 10);
      expect(records.map(({ row }) => row)).toEqual([onWire.key.row, claimed.key.row]);
    });

    it('also finds what a sender left behind when it ended in order', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim);
      await handle.ledger.lanes.leave(sender.key);
      expect((await handle.ledger.queue.recover(POOL)).map(({ key }) => key)).toEqual([claim.key]);
    });
  });

  describe('reconciling', () => {
    it('gives back what the sender no longer knows and keeps what it holds', async () => {
      await openPool(handle.ledger, 3);
      const sender = await startSender(handle.ledger, 'a');
      const [held, lost, lostOnWire] = await sender.claim({ any: 3 });
      if (held === undefined || lost === undefined || lostOnWire === undefined)
        throw new Error('three asked');
      await sender.begin(held);
      await sender.begin(lostOnWire);
      await handle.ledger.queue.reconcile(sender.key, [held.token]);
      await handle.ledger.queue.reconcile(sender.key, [held.token]);
      expect(await countsOf(handle.ledger)).toEqual(
        someCounts({ total: 3, inFlight: 1, pending: 1, uncertain: 1 }),
      );
      expect((await handle.ledger.queue.uncertain(POOL, 10)).map(({ key }) => key)).toEqual([lostOnWire.key]);
      expect(await sender.deliver(lost)).toBe('Fenced');
      expect(await sender.deliver(held)).toBe('Ok');
      expect((await sender.claimOne()).key).toEqual(lost.key);
    });

    it('leaves the claims of other senders alone', async () => {
      await openPool(handle.ledger, 2);
      const a = await startSender(handle.ledger, 'a');
      const b = await startSender(handle.ledger, 'b');
      const claim = await a.claimOne();
      await handle.ledger.queue.reconcile(b.key, []);
      expect(await a.deliver(claim)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, pending: 1, delivered: 1 }));
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { Claim } from '../../controller/domain/ports/queue-ledger.ts';
import { anUncertainRecord } from '../builders/attempt.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import {
  POOL,
  attemptsOf,
  countsOf,
  openPool,
  recordOf,
  someCounts,
  startSender,
  type TestSender,
} from './pool-fixture.ts';

const LEASE_MS = 400;
const DELIVERED = { kind: 'Terminal', outcome: 'Delivered' } as const;
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

  /** A message whose own sender says that its end is unknown. */
  async function uncertainMessage(): Promise<{ sender: TestSender; claim: Claim }> {
    await openPool(handle.ledger, 1);
    const sender = await startSender(handle.ledger, 'a');
    const claim = await sender.claimOne();
    await sender.begin(claim);
    await sender.settle(claim, {
      settlement: { kind: 'Terminal', outcome: 'Uncertain' },
      record: anUncertainRecord(),
      route: 'mailbox/anna',
    });
    return { sender, claim };
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
        attempts: 0,
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
      expect(await attemptsOf(handle.ledger)).toEqual([]);
      expect(await heir.begin(taken)).toBe('Ok');
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

    it('does not let the dead sender send its message again', async () => {
      const { dead, onWire } = await silentSender();
      await handle.ledger.queue.recover(POOL);
      expect(await dead.settle(onWire, { settlement: DEFERRED })).toBe('Fenced');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, uncertain: 1, pending: 1 }));
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

  describe('an Uncertain message', () => {
    it('is listed with what evidence needs', async () => {
      const { claim } = await uncertainMessage();
      const [found] = await handle.ledger.queue.uncertain(POOL, 10);
      expect(found).toMatchObject({
        key: claim.key,
        route: 'mailbox/anna',
        messageId: recordOf(claim).messageId,
        attempts: 1,
      });
      expect(await uncertainOn()).toBe(1);
    });

    it('may still be settled as Delivered or Failed by the same claim', async () => {
      const { sender, claim } = await uncertainMessage();
      const failed = { settlement: { kind: 'Terminal', outcome: 'Failed' }, route: 'mailbox/anna' } as const;
      expect(await sender.settle(claim, failed)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, failed: 1 }));
      expect(await uncertainOn()).toBe(0);
      expect(await handle.ledger.queue.uncertain(POOL, 10)).toEqual([]);
    });

    it('becomes Delivered by evidence, once', async () => {
      const { claim } = await uncertainMessage();
      const { queue } = handle.ledger;
      expect(await queue.resolve(POOL, claim.key, 'Delivered')).toBe('Ok');
      expect(await queue.resolve(POOL, claim.key, 'Delivered')).toBe('Ok');
      expect(await queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Fenced');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, delivered: 1 }));
      const [route] = await handle.ledger.reports.routes(POOL);
      expect(route).toMatchObject({ sent: 1, uncertain: 0 });
    });

    it('returns to the queue when it certainly was not accepted', async () => {
      const { sender, claim } = await uncertainMessage();
      expect(await sender.claim()).toEqual([]);
      const { queue } = handle.ledger;
      expect(await queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Ok');
      expect(await queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, deferred: 1 }));
      const again = await sender.claimOne();
      expect(again).toMatchObject({ key: claim.key, attempts: 1 });
      expect(await sender.deliver(again)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, delivered: 1 }));
    });

    it('is the only kind that evidence moves', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      expect(await handle.ledger.queue.resolve(POOL, claim.key, 'Delivered')).toBe('Fenced');
      expect(await handle.ledger.queue.resolve(POOL, { ...claim.key, row: 99 }, 'Delivered')).toBe('Fenced');
      expect(await sender.settle(claim, { settlement: DELIVERED })).toBe('Ok');
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

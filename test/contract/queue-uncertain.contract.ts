import { describe, expect, it } from 'vitest';
import type { Claim } from '../../controller/domain/ports/queue-ledger.ts';
import { anUncertainRecord } from '../builders/attempt.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import {
  POOL,
  countsOf,
  openPool,
  recordOf,
  someCounts,
  startSender,
  type TestSender,
} from './pool-fixture.ts';

const DELIVERED = { kind: 'Terminal', outcome: 'Delivered' } as const;

export function describeUncertain(handle: LedgerHandle): void {
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

    it('goes on with the next step of its sequence when it was delivered, once and in its time', async () => {
      const { sender, claim } = await uncertainMessage();
      const { queue } = handle.ledger;
      const followUp = { step: 1, dueInMs: 600 };
      expect(await queue.resolve(POOL, claim.key, 'Delivered', followUp)).toBe('Ok');
      const after = await handle.ledger.now();
      expect(await queue.resolve(POOL, claim.key, 'Delivered', followUp)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, delivered: 1, pending: 1 }));
      const spring = { ...POOL, campaign: 'spring' };
      expect((await handle.ledger.audience.counts(spring)).completedMs).toBeUndefined();
      expect(await sender.claim()).toEqual([]);
      await handle.reach(after + 600);
      const next = await sender.claimOne();
      expect(next).toMatchObject({
        key: { step: 1, row: claim.key.row },
        attempts: 0,
        constraint: { kind: 'Any' },
      });
      await sender.deliver(next);
      expect((await handle.ledger.audience.counts(spring)).completedMs).toBeDefined();
    });

    it('returns to the queue when it certainly was not accepted', async () => {
      const { sender, claim } = await uncertainMessage();
      expect(await sender.claim()).toEqual([]);
      const { queue } = handle.ledger;
      const [found] = await queue.uncertain(POOL, 1);
      expect(await queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Ok');
      expect(await queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, deferred: 1 }));
      const again = await sender.claimOne();
      expect(again).toMatchObject({ key: claim.key, attempts: 1, firstAttemptMs: found?.beganMs });
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
}

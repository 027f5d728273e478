import { describe, expect, it } from 'vitest';
import type { Claim, Settlement } from '../../controller/domain/ports/queue-ledger.ts';
import { asRepeat } from '../../controller/domain/repeat.ts';
import { aDeferredRecord, anUncertainRecord } from '../builders/attempt.ts';
import { aPlan, aPlanCampaign } from '../builders/plan.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import {
  POOL,
  attemptOf,
  attemptsOf,
  countsOf,
  openPool,
  someCounts,
  startSender,
  type TestSender,
} from './pool-fixture.ts';

const SPRING = { ...POOL, campaign: 'spring' };
const RELAY = 'esp/relay';
const FOR_RELAY = { routes: { [RELAY]: 10 }, any: 0 };
const FREE = { dueInMs: 0, constraint: { kind: 'Any' }, overflow: '' } as const;
const RETURNED = { kind: 'Returned', ...FREE } as const;
const DATE_MS = 1_700_000_000_000;

/** What becomes of messages that a sender holds while their campaign ends. */
export function describeEndedCampaigns(handle: LedgerHandle): void {
  async function heldMessage(): Promise<{ sender: TestSender; claim: Claim }> {
    await openPool(handle.ledger, 1);
    const sender = await startSender(handle.ledger, 'a');
    return { sender, claim: await sender.claimOne() };
  }

  async function deleteCampaign(): Promise<void> {
    await handle.ledger.plans.publish(aPlan({ revision: 'without', campaigns: [] }));
    await handle.ledger.audience.cancel(SPRING);
  }

  async function expectNothingLeft(sender: TestSender): Promise<void> {
    const { completedMs, nextDueMs } = await handle.ledger.audience.counts(SPRING);
    expect(completedMs).toBeDefined();
    expect(nextDueMs).toBeUndefined();
    await handle.ledger.plans.publish(aPlan({ revision: 'again' }));
    expect(await sender.claim({ ...FOR_RELAY, any: 10, esp: 10 })).toEqual([]);
  }

  const cancelled = someCounts({ total: 1, cancelled: 1 });

  describe('a message that a sender holds while its campaign is deleted', () => {
    const ways: [string, Settlement][] = [
      ['comes back from the gate', RETURNED],
      ['has to wait for a shared limit', { kind: 'Limited', limit: 'pool-a', ...FREE }],
      ['is deferred', { kind: 'Deferred', ...FREE }],
    ];
    it.each(ways)('is Cancelled when it %s', async (_how, settlement) => {
      const { sender, claim } = await heldMessage();
      await deleteCampaign();
      expect(await sender.begin(claim)).toBe('Paused');
      expect(await sender.settle(claim, { settlement })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      expect(await sender.settle(claim, { settlement })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      await expectNothingLeft(sender);
    });

    it('is Cancelled also when it comes back before the campaign is', async () => {
      const { sender, claim } = await heldMessage();
      await handle.ledger.plans.publish(aPlan({ revision: 'without', campaigns: [] }));
      await sender.settle(claim, { settlement: RETURNED });
      expect(await sender.claim()).toEqual([]);
      expect(await handle.ledger.audience.cancel(SPRING)).toBe(1);
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      await expectNothingLeft(sender);
    });

    it('keeps the record of an attempt that was deferred', async () => {
      const { sender, claim } = await heldMessage();
      await sender.begin(claim);
      await deleteCampaign();
      const record = aDeferredRecord();
      await sender.settle(claim, {
        settlement: { kind: 'Deferred', ...FREE },
        record,
        route: 'mailbox/anna',
      });
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      expect(await attemptsOf(handle.ledger)).toEqual([record]);
      const [anna] = await handle.ledger.reports.routes(POOL);
      expect(anna).toMatchObject({ route: 'mailbox/anna', deferred: 1 });
    });

    it('has no next step when it is delivered', async () => {
      const { sender, claim } = await heldMessage();
      await sender.begin(claim);
      await deleteCampaign();
      await sender.deliver(claim, { followUp: { step: 1, dueInMs: 0 } });
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 2, delivered: 1, cancelled: 1 }));
      await expectNothingLeft(sender);
    });

    it('is Cancelled when its sender is lost before it began', async () => {
      const { sender } = await heldMessage();
      await deleteCampaign();
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      await expectNothingLeft(sender);
    });

    it('is Cancelled once it is known that it was not accepted', async () => {
      const { sender, claim } = await heldMessage();
      await sender.begin(claim);
      await deleteCampaign();
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, uncertain: 1 }));
      expect(await handle.ledger.queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Ok');
      expect(await handle.ledger.queue.resolve(POOL, claim.key, 'NotAccepted')).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      await expectNothingLeft(sender);
    });

    it('is Cancelled when its sender, given up as lost, says that nothing was sent', async () => {
      const { sender, claim } = await heldMessage();
      await sender.begin(claim);
      await deleteCampaign();
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await sender.settle(claim, { settlement: RETURNED })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toEqual(cancelled);
      expect(await handle.ledger.queue.uncertain(POOL, 10)).toEqual([]);
    });

    it('waits as ever when the campaign is declared again before it comes back', async () => {
      const { sender, claim } = await heldMessage();
      await deleteCampaign();
      await openPool(handle.ledger, 1, aPlan({ revision: 'again' }));
      await sender.settle(claim, { settlement: RETURNED });
      expect((await sender.claimOne()).key).toEqual(claim.key);
    });

    it('is the last to be Cancelled when it comes back, and restored with the others', async () => {
      const { sender, claim } = await heldMessage();
      await deleteCampaign();
      await sender.settle(claim, { settlement: RETURNED });
      expect(await handle.ledger.audience.cancelledRows(SPRING)).toEqual([0]);
      await handle.ledger.plans.publish(aPlan({ revision: 'again' }));
      const counts = { read: 1, accepted: 1, invalid: 0, duplicate: 0 };
      const change = { revision: 'r2', total: 1, removed: [], restored: [0], counts };
      await handle.ledger.audience.commit(SPRING, change);
      expect((await sender.claimOne()).key).toEqual(claim.key);
    });
  });

  it('a message that a sender holds while its campaign is suspended waits until it is not', async () => {
    const { sender, claim } = await heldMessage();
    const suspended = aPlan({ revision: 'off', campaigns: [aPlanCampaign({ suspended: true })] });
    await handle.ledger.plans.publish(suspended);
    expect(await sender.begin(claim)).toBe('Paused');
    await sender.settle(claim, { settlement: RETURNED });
    expect(await sender.claim()).toEqual([]);
    expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, pending: 1 }));
    await handle.ledger.plans.publish(aPlan({ revision: 'on' }));
    expect((await sender.claimOne()).key).toEqual(claim.key);
  });

  describe('a message to be repeated whose campaign is deleted', () => {
    async function keyedMessage(): Promise<{ sender: TestSender; claim: Claim }> {
      const { sender, claim } = await heldMessage();
      await sender.begin(claim, RELAY, { keyedMs: DATE_MS, attempt: attemptOf(claim) });
      const settlement = { kind: 'Terminal', outcome: 'Uncertain' } as const;
      await sender.settle(claim, { settlement, record: anUncertainRecord({ route: RELAY }), route: RELAY });
      return { sender, claim };
    }

    const repeat = ({ key }: Claim) => handle.ledger.queue.resolve(POOL, key, 'Repeat');

    async function expectUncertain(): Promise<void> {
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, uncertain: 1 }));
      expect(await handle.ledger.audience.cancelledRows(SPRING)).toEqual([]);
      expect(await handle.ledger.queue.uncertain(POOL, 10)).toMatchObject([
        { route: RELAY, attempts: 1, messageId: 'spring.0.0@example.com', keyedMs: DATE_MS },
      ]);
      const routes = await handle.ledger.reports.routes(POOL);
      expect(routes.find(({ route }) => route === RELAY)).toMatchObject({ uncertain: 1 });
    }

    it('is not repeated any more', async () => {
      const { claim } = await keyedMessage();
      await deleteCampaign();
      expect(await repeat(claim)).toBe('Fenced');
      await expectUncertain();
    });

    it('is as Uncertain as before when it waited', async () => {
      const { claim } = await keyedMessage();
      await repeat(claim);
      await deleteCampaign();
      await expectUncertain();
    });

    it('is as Uncertain as before when it comes back', async () => {
      const { sender, claim } = await keyedMessage();
      await repeat(claim);
      const again = await sender.claimOne(FOR_RELAY);
      await deleteCampaign();
      const { constraint, overflow } = again;
      await sender.settle(again, { settlement: { ...RETURNED, constraint, overflow, ...asRepeat(again) } });
      await expectUncertain();
    });

    it('is Uncertain by no route when it was not bound to one', async () => {
      const { sender, claim } = await keyedMessage();
      await repeat(claim);
      const again = await sender.claimOne(FOR_RELAY);
      await deleteCampaign();
      await sender.settle(again, { settlement: { ...RETURNED, ...asRepeat(again) } });
      expect(await handle.ledger.queue.uncertain(POOL, 10)).toMatchObject([{ route: '', keyedMs: DATE_MS }]);
    });

    it('is as Uncertain as before when its sender is lost before it began', async () => {
      const { sender, claim } = await keyedMessage();
      await repeat(claim);
      await sender.claimOne(FOR_RELAY);
      await deleteCampaign();
      await handle.ledger.queue.reconcile(sender.key, []);
      await expectUncertain();
    });
  });
}

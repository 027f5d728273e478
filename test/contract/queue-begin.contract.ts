import { describe, expect, it } from 'vitest';
import { aPlan, aPlanCampaign, aPlanEsp, aPlanMailbox } from '../builders/plan.ts';
import { aClaim } from '../builders/queue.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import { attemptOf, POOL, openPool, startSender } from './pool-fixture.ts';

export function describeBegin(handle: LedgerHandle): void {
  describe('begin', () => {
    it('opens the gate for a claim on a lane of its sender, also when asked again', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      expect(await sender.begin(claim)).toBe('Ok');
      expect(await sender.begin(claim)).toBe('Ok');
      expect(await sender.begin(claim, 'esp/relay')).toBe('Ok');
    });

    it.each([
      ['the pool', aPlan({ suspended: true })],
      ['the campaign', aPlan({ campaigns: [aPlanCampaign({ suspended: true })] })],
      ['the mailbox', aPlan({ mailboxes: [aPlanMailbox({ suspended: true })] })],
    ])('is refused as Paused from the moment that %s is suspended', async (_case, plan) => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await handle.ledger.plans.publish(plan);
      expect(await sender.begin(claim)).toBe('Paused');
      await handle.ledger.plans.publish(aPlan());
      expect(await sender.begin(claim)).toBe('Ok');
    });

    it.each([
      [
        'campaign',
        aPlan({
          campaigns: [aPlanCampaign({ blocked: { reason: 'SuppressionListNotFound', message: 'gone' } })],
        }),
      ],
      [
        'mailbox',
        aPlan({
          mailboxes: [aPlanMailbox({ blocked: { reason: 'MailboxShared', message: 'in two pools' } })],
        }),
      ],
    ])('is refused as Paused while the %s is blocked', async (_case, plan) => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await handle.ledger.plans.publish(plan);
      expect(await sender.begin(claim)).toBe('Paused');
      await handle.ledger.plans.publish(aPlan());
      expect(await sender.begin(claim)).toBe('Ok');
    });

    it.each([
      ['campaign', aPlan({ campaigns: [] })],
      ['mailbox', aPlan({ mailboxes: [] })],
    ])('is refused as Paused when the %s is no longer in the plan', async (_case, plan) => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await handle.ledger.plans.publish(plan);
      expect(await sender.begin(claim)).toBe('Paused');
    });

    it('is refused as Paused when the plan was withdrawn', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await handle.ledger.plans.withdraw(POOL);
      expect(await sender.begin(claim)).toBe('Paused');
    });

    it('leaves the other routes open when one is suspended', async () => {
      await openPool(handle.ledger, 1, aPlan({ esps: [aPlanEsp({ suspended: true })] }));
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      expect(await sender.begin(claim, 'esp/relay')).toBe('Paused');
      expect(await sender.begin(claim, 'mailbox/anna')).toBe('Ok');
    });

    it('is refused as LaneLost on a lane that somebody else has, or with an old fence', async () => {
      await openPool(handle.ledger, 2);
      const a = await startSender(handle.ledger, 'a', { routes: ['mailbox/anna'] });
      const claim = await a.claimOne();
      await handle.ledger.lanes.leave(a.key);
      const b = await startSender(handle.ledger, 'b', { routes: ['mailbox/anna'] });
      const again = await startSender(handle.ledger, 'a', { routes: [] });
      expect(again.fences.size).toBe(0);
      expect(await a.begin(claim)).toBe('LaneLost');
      const other = await b.claimOne();
      const stale = {
        claim: other,
        route: 'mailbox/anna',
        laneFence: 0,
        messageId: 'x@example.com',
        attempt: attemptOf(other),
      };
      expect(await handle.ledger.queue.begin(b.key, stale)).toBe('LaneLost');
      expect(await b.begin(other)).toBe('Ok');
    });

    it('is refused as Fenced for a claim that is not ours', async () => {
      await openPool(handle.ledger, 2);
      const a = await startSender(handle.ledger, 'a', { routes: ['mailbox/anna'] });
      const b = await startSender(handle.ledger, 'b', { routes: ['esp/relay'] });
      const claim = await b.claimOne();
      expect(await a.begin(claim)).toBe('Fenced');
      expect(await a.begin(aClaim({ token: 'never-given' }))).toBe('Fenced');
    });

    it('is refused as Fenced for a claim that is settled', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.deliver(claim);
      expect(await sender.begin(claim)).toBe('Fenced');
    });
  });
}

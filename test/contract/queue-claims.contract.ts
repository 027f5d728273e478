import { describe, expect, it } from 'vitest';
import type { Constraint } from '../../controller/domain/ports/queue-ledger.ts';
import { aPlan, aPlanCampaign } from '../builders/plan.ts';
import { aClaimDemand } from '../builders/queue.ts';
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

const twoCampaigns = aPlan({
  campaigns: [aPlanCampaign({ name: 'spring' }), aPlanCampaign({ name: 'autumn' })],
});

/** Lets one fresh message wait with a constraint, due at once. */
async function defer(sender: TestSender, constraint: Constraint, dueInMs = 0): Promise<number> {
  const claim = await sender.claimOne();
  const settlement = { kind: 'Deferred', dueInMs, constraint, overflow: '' } as const;
  await sender.settle(claim, { settlement, record: recordOf(claim, { outcome: 'Deferred' }) });
  return claim.key.row;
}

export function describeClaims(handle: LedgerHandle): void {
  describe('a claim', () => {
    it('hands out each message once, fresh and free to go anywhere', async () => {
      await openPool(handle.ledger, 5);
      const sender = await startSender(handle.ledger, 'a');
      const first = await sender.claim({ any: 3 });
      const rest = await sender.claim({ any: 3 });
      expect(first).toHaveLength(3);
      expect(rest).toHaveLength(2);
      const rows = [...first, ...rest].map(({ key }) => key.row);
      expect(rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
      expect(first[0]).toMatchObject({
        key: { campaign: 'spring', step: 0 },
        attempts: 0,
        constraint: { kind: 'Any' },
        overflow: '',
      });
      expect(first[0]?.firstAttemptMs).toBeUndefined();
      expect(new Set([...first, ...rest].map(({ token }) => token)).size).toBe(5);
      expect(await sender.claim()).toEqual([]);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 5, inFlight: 5 }));
    });

    it('shares messages out among many senders without handing one out twice', async () => {
      await openPool(handle.ledger, 60);
      const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
      const senders = await Promise.all(ids.map((id) => startSender(handle.ledger, id)));
      const asks = [...senders, ...senders, ...senders].map((sender) => sender.claim({ any: 4 }));
      const claims = (await Promise.all(asks)).flat();
      expect(claims).toHaveLength(60);
      expect(new Set(claims.map(({ key }) => key.row)).size).toBe(60);
    });

    it('gives nothing to a sender that is not registered', async () => {
      await openPool(handle.ledger, 5);
      const stranger = { ...POOL, senderId: 'stranger' };
      expect((await handle.ledger.queue.claim(stranger, aClaimDemand())).claims).toEqual([]);
      const sender = await startSender(handle.ledger, 'a');
      await handle.ledger.lanes.leave(sender.key);
      expect(await sender.claim()).toEqual([]);
    });

    it('lets campaigns take turns, also when they are asked one message at a time', async () => {
      await openPool(handle.ledger, 20, twoCampaigns);
      const sender = await startSender(handle.ledger, 'a');
      const campaigns = ['spring', 'autumn'];
      const batch = await sender.claim({ any: 8, campaigns });
      const singles = [];
      for (let asked = 0; asked < 8; asked += 1) singles.push(await sender.claimOne({ campaigns }));
      for (const claims of [batch, singles]) {
        expect(claims.filter(({ key }) => key.campaign === 'spring')).toHaveLength(4);
        expect(claims.filter(({ key }) => key.campaign === 'autumn')).toHaveLength(4);
      }
    });

    it('lets one campaign have all turns when the others have nothing', async () => {
      await openPool(handle.ledger, 4, twoCampaigns);
      const sender = await startSender(handle.ledger, 'a');
      expect(await sender.claim({ any: 4, campaigns: ['autumn'] })).toHaveLength(4);
      const rest = await sender.claim({ any: 4, campaigns: ['spring', 'autumn'] });
      expect(rest.map(({ key }) => key.campaign)).toEqual(['spring', 'spring', 'spring', 'spring']);
    });

    it('gives fresh messages only of the campaigns that are asked for', async () => {
      await openPool(handle.ledger, 5, twoCampaigns);
      const sender = await startSender(handle.ledger, 'a');
      expect(await sender.claim({ campaigns: [] })).toEqual([]);
      expect(await sender.claim({ campaigns: ['nobody'] })).toEqual([]);
    });

    it('takes waiting messages before fresh ones', async () => {
      await openPool(handle.ledger, 5);
      const sender = await startSender(handle.ledger, 'a');
      const row = await defer(sender, { kind: 'Any' });
      expect((await sender.claimOne()).key.row).toBe(row);
    });

    it('leads a message bound to a route to that route only', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      await defer(sender, { kind: 'Route', route: 'mailbox/anna' });
      expect(await sender.claim({ esp: 5, any: 5, routes: { 'esp/relay': 5 } })).toEqual([]);
      const [claim] = await sender.claim({ any: 0, routes: { 'mailbox/anna': 1 } });
      expect(claim).toMatchObject({
        attempts: 1,
        constraint: { kind: 'Route', route: 'mailbox/anna' },
      });
    });

    it('leads a message bound to an ESP to an ESP only', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      await defer(sender, { kind: 'Esp' });
      expect(await sender.claim({ any: 5, routes: { 'mailbox/anna': 5 } })).toEqual([]);
      const [claim] = await sender.claim({ any: 0, esp: 1 });
      expect(claim?.constraint).toEqual({ kind: 'Esp' });
    });

    it('gives no more than there is room for', async () => {
      await openPool(handle.ledger, 6);
      const sender = await startSender(handle.ledger, 'a');
      const constraints: Constraint[] = [
        { kind: 'Esp' },
        { kind: 'Esp' },
        { kind: 'Route', route: 'mailbox/anna' },
        { kind: 'Route', route: 'mailbox/anna' },
      ];
      const waiting = await sender.claim({ any: 4 });
      for (const [index, claim] of waiting.entries()) {
        const constraint = constraints[index] ?? { kind: 'Any' };
        const settlement = { kind: 'Deferred', dueInMs: 0, constraint, overflow: '' } as const;
        await sender.settle(claim, { settlement });
      }
      const claims = await sender.claim({ any: 1, esp: 1, routes: { 'mailbox/anna': 1 } });
      expect(claims.map(({ constraint }) => constraint.kind).sort()).toEqual(['Any', 'Esp', 'Route']);
    });

    it('gives a waiting message when it is due and not before, and says when that is', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const before = await handle.ledger.now();
      await defer(sender, { kind: 'Any' }, 700);
      const batch = await handle.ledger.queue.claim(sender.key, aClaimDemand());
      expect(batch.claims).toEqual([]);
      expect(batch.nextDueMs).toBeGreaterThanOrEqual(before + 700);
      expect((await handle.ledger.audience.counts({ ...POOL, campaign: 'spring' })).nextDueMs).toBe(
        batch.nextDueMs,
      );
      await handle.reach(batch.nextDueMs ?? 0);
      const claim = await sender.claimOne();
      expect(claim.attempts).toBe(1);
      expect(claim.firstAttemptMs).toBeGreaterThanOrEqual(before);
    });

    it('names the revision of the plan, empty when there is none', async () => {
      const sender = await startSender(handle.ledger, 'a');
      const none = await handle.ledger.queue.claim(sender.key, aClaimDemand());
      expect(none).toEqual({ claims: [], planRevision: '', isCutShort: false });
      const plan = aPlan();
      await openPool(handle.ledger, 0, plan);
      const batch = await handle.ledger.queue.claim(sender.key, aClaimDemand());
      expect(batch.planRevision).toBe(plan.revision);
    });

    it.each([
      ['the pool is suspended', aPlan({ suspended: true })],
      ['the campaign is suspended', aPlan({ campaigns: [aPlanCampaign({ suspended: true })] })],
      [
        'the campaign is blocked',
        aPlan({ campaigns: [aPlanCampaign({ blocked: { reason: 'TemplateNotFound', message: 'gone' } })] }),
      ],
      ['the campaign is no longer in the plan', aPlan({ campaigns: [] })],
    ])('gives nothing, fresh or waiting, while %s', async (_case, plan) => {
      await openPool(handle.ledger, 2);
      const sender = await startSender(handle.ledger, 'a');
      const row = await defer(sender, { kind: 'Any' });
      await handle.ledger.plans.publish(plan);
      expect(await sender.claim()).toEqual([]);
      await handle.ledger.plans.publish(aPlan());
      const claims = await sender.claim();
      expect(claims.map(({ key }) => key.row).sort()).toEqual([0, 1]);
      expect(claims.find(({ key }) => key.row === row)?.attempts).toBe(1);
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../controller/domain/ports/ledger.ts';
import type { Claim } from '../../controller/domain/ports/queue-ledger.ts';
import { aPlan, aPlanCampaign } from '../builders/plan.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import { POOL, countsOf, openPool, someCounts, startSender, type TestSender } from './pool-fixture.ts';

const GMAIL = 'recipient-domain:mail/outreach/gmail.com';
const POSTEO = 'recipient-domain:mail/outreach/posteo.de';
const FAR_MS = 3_600_000;

function limitTo(sender: TestSender, limit: string, claims: readonly Claim[]) {
  return Promise.all(
    claims.map((claim) =>
      sender.settle(claim, {
        settlement: {
          kind: 'Limited',
          limit,
          dueInMs: FAR_MS,
          constraint: claim.constraint,
          overflow: claim.overflow,
        },
      }),
    ),
  );
}

/** Commits the two rows or fewer of an audience again, some withdrawn, some restored. */
async function recommit(
  ledger: Ledger,
  change: { readonly removed: readonly number[]; readonly restored: readonly number[] },
): Promise<void> {
  const counts = { read: 2, accepted: 2, invalid: 0, duplicate: 0 };
  await ledger.audience.commit(
    { ...POOL, campaign: 'spring' },
    { revision: 'next', total: 0, ...change, counts },
  );
}

const rowsOf = (claims: readonly Claim[]): number[] => claims.map(({ key }) => key.row).sort((a, b) => a - b);

export function describeLimits(handle: LedgerHandle): void {
  describe('messages that wait for a shared limit', () => {
    it('stay while a demand names it as exhausted, and others go on', async () => {
      await openPool(handle.ledger, 4);
      const sender = await startSender(handle.ledger, 'a');
      await limitTo(sender, GMAIL, await sender.claim({ any: 2 }));
      expect(rowsOf(await sender.claim({ any: 10, exhausted: [GMAIL] }))).toEqual([2, 3]);
      expect(await sender.claim({ any: 10, exhausted: [POSTEO, GMAIL] })).toEqual([]);
    });

    it('come back once no demand names it, before their time, as many as there is room for', async () => {
      await openPool(handle.ledger, 5);
      const sender = await startSender(handle.ledger, 'a');
      await limitTo(sender, GMAIL, await sender.claim({ any: 3 }));
      await limitTo(sender, POSTEO, await sender.claim({ any: 2 }));
      expect(rowsOf(await sender.claim({ any: 2, exhausted: [POSTEO] }))).toHaveLength(2);
      const left = [...(await sender.claim({ any: 2 })), ...(await sender.claim({ any: 2 }))];
      expect(left).toHaveLength(3);
      expect(await sender.claim({ any: 2 })).toEqual([]);
    });

    it('have made no attempt and are counted by limit and campaign', async () => {
      const { ledger } = handle;
      await openPool(ledger, 2, aPlan({ campaigns: [aPlanCampaign(), aPlanCampaign({ name: 'autumn' })] }));
      const sender = await startSender(ledger, 'a');
      expect(await ledger.reports.limited(POOL)).toEqual([]);
      await limitTo(sender, GMAIL, await sender.claim({ any: 2, campaigns: ['spring'] }));
      const autumn = { any: 1, campaigns: ['autumn'], exhausted: [GMAIL] };
      await limitTo(sender, GMAIL, await sender.claim(autumn));
      await limitTo(sender, POSTEO, await sender.claim(autumn));
      expect(await ledger.reports.limited(POOL)).toEqual([
        { limit: GMAIL, campaign: 'autumn', messages: 1 },
        { limit: GMAIL, campaign: 'spring', messages: 2 },
        { limit: POSTEO, campaign: 'autumn', messages: 1 },
      ]);
      expect(await countsOf(ledger)).toEqual(someCounts({ total: 2, pending: 2 }));
      const [claim] = await sender.claim({ any: 1, exhausted: [POSTEO] });
      expect(claim?.attempts).toBe(0);
    });

    it('leave although another campaign that waits for the same limit is suspended', async () => {
      const { ledger } = handle;
      const autumn = aPlanCampaign({ name: 'autumn' });
      await openPool(ledger, 1, aPlan({ campaigns: [aPlanCampaign(), autumn] }));
      const sender = await startSender(ledger, 'a');
      await limitTo(sender, GMAIL, await sender.claim({ any: 2, campaigns: ['spring', 'autumn'] }));
      await ledger.plans.publish(aPlan({ campaigns: [aPlanCampaign(), { ...autumn, suspended: true }] }));
      expect((await sender.claim({ any: 10 })).map(({ key }) => key.campaign)).toEqual(['spring']);
    });

    it('are counted no more once their row is withdrawn, and wait anew when it comes back', async () => {
      const { ledger } = handle;
      await openPool(ledger, 2);
      const sender = await startSender(ledger, 'a');
      await limitTo(sender, GMAIL, await sender.claim({ any: 2 }));
      await recommit(ledger, { removed: [0], restored: [] });
      expect(await ledger.reports.limited(POOL)).toEqual([{ limit: GMAIL, campaign: 'spring', messages: 1 }]);
      await recommit(ledger, { removed: [], restored: [0] });
      const again = await sender.claim({ any: 1, exhausted: [GMAIL] });
      expect(rowsOf(again)).toEqual([0]);
      await limitTo(sender, POSTEO, again);
      expect(rowsOf(await sender.claim({ any: 10, exhausted: [POSTEO] }))).toEqual([1]);
    });

    it('do not leave by the time that they had before their row was withdrawn', async () => {
      const { ledger } = handle;
      await openPool(ledger, 1);
      const sender = await startSender(ledger, 'a');
      const claim = await sender.claimOne();
      const { constraint, overflow } = claim;
      await sender.settle(claim, { settlement: { kind: 'Returned', dueInMs: 200, constraint, overflow } });
      await recommit(ledger, { removed: [0], restored: [] });
      await recommit(ledger, { removed: [], restored: [0] });
      await limitTo(sender, GMAIL, [await sender.claimOne()]);
      await handle.pass(210);
      expect(await sender.claim({ any: 10, exhausted: [GMAIL] })).toEqual([]);
    });

    it('stay bound to their route', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      const constraint = { kind: 'Route', route: 'mailbox/anna' } as const;
      await limitTo(sender, GMAIL, [{ ...claim, constraint, overflow: 'QuotaExhausted' }]);
      expect(await sender.claim({ any: 10 })).toEqual([]);
      const [back] = await sender.claim({ any: 0, routes: { 'mailbox/anna': 1 } });
      expect(back).toMatchObject({ constraint, overflow: 'QuotaExhausted' });
    });

    it('stay while their campaign is suspended, and are cancelled with it', async () => {
      const { ledger } = handle;
      await openPool(ledger, 2);
      const sender = await startSender(ledger, 'a');
      await limitTo(sender, GMAIL, await sender.claim({ any: 2 }));
      await ledger.plans.publish(aPlan({ campaigns: [aPlanCampaign({ suspended: true })] }));
      expect(await sender.claim({ any: 10 })).toEqual([]);
      expect(await ledger.audience.cancel({ ...POOL, campaign: 'spring' })).toBe(2);
      expect(await ledger.reports.limited(POOL)).toEqual([]);
      await ledger.plans.publish(aPlan());
      expect(await sender.claim({ any: 10 })).toEqual([]);
    });
  });
}

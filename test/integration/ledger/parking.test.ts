import { describe, expect, it } from 'vitest';
import { aPlan, aPlanCampaign } from '../../builders/plan.ts';
import { aClaimDemand } from '../../builders/queue.ts';
import { POOL, countsOf, importRows, startSender, type TestSender } from '../../contract/pool-fixture.ts';
import { useRedis } from './redis-under-test.ts';

const redis = useRedis();
const WAITING = 1_500;

const planWith = (isSuspended: boolean) =>
  aPlan({ campaigns: [aPlanCampaign({ suspended: isSuspended }), aPlanCampaign({ name: 'autumn' })] });

/** Claims all rows of a campaign and lets them wait a second. */
async function letWait(sender: TestSender, campaign: string): Promise<void> {
  const claims = await sender.claim({ any: WAITING, campaigns: [campaign] });
  const settlement = { kind: 'Deferred', dueInMs: 1_000, constraint: { kind: 'Any' }, overflow: '' } as const;
  await Promise.all(claims.map((claim) => sender.settle(claim, { settlement })));
}

/** Two campaigns; all messages of those that are named wait and are due, and spring is suspended. */
async function suspendWhileWaiting(...waiting: readonly string[]) {
  const { ledger, advance, teardown } = await redis.openStill();
  await ledger.plans.publish(planWith(false));
  await importRows(ledger, 'spring', WAITING);
  await importRows(ledger, 'autumn', 10);
  const sender = await startSender(ledger, 's1');
  for (const campaign of waiting) await letWait(sender, campaign);
  await advance(1_000);
  await ledger.plans.publish(planWith(true));
  return { ledger, sender, teardown };
}

describe('waiting messages of a suspended campaign', () => {
  it('do not stand in the way of others, and come back when it is resumed', async () => {
    const { ledger, sender, teardown } = await suspendWhileWaiting('spring', 'autumn');
    const autumn = await claimUntil(sender, 10);
    expect(new Set(autumn.map(({ key }) => key.campaign))).toEqual(new Set(['autumn']));
    await ledger.plans.publish(planWith(false));
    const spring = await claimUntil(sender, WAITING);
    expect(new Set(spring.map(({ key }) => key.row)).size).toBe(WAITING);
    expect(await countsOf(ledger)).toMatchObject({ inFlight: WAITING, deferred: 0 });
    await teardown();
  });

  it('are in the way of fresh ones for as long as calls say that there is more, and never again', async () => {
    const { ledger, sender, teardown } = await suspendWhileWaiting('spring');
    const ask = () => ledger.queue.claim(sender.key, aClaimDemand({ any: 10, campaigns: ['autumn'] }));
    const cutShort = { claims: [], isCutShort: true };
    for (let looked = 0; looked < WAITING; looked += 500) expect(await ask()).toMatchObject(cutShort);
    const batch = await ask();
    expect(batch.claims.map(({ key }) => key.campaign)).toEqual(Array.from({ length: 10 }, () => 'autumn'));
    expect(batch.isCutShort).toBe(false);
    await teardown();
  });

  it('are cancelled with it, wherever they wait', async () => {
    const { ledger, advance, teardown } = await redis.openStill();
    await ledger.plans.publish(planWith(false));
    await importRows(ledger, 'spring', 20);
    const sender = await startSender(ledger, 's1');
    await letWait(sender, 'spring');
    await advance(1_000);
    await ledger.plans.publish(planWith(true));
    expect(await sender.claim({ any: 5 })).toEqual([]);
    expect(await ledger.audience.cancel({ ...POOL, campaign: 'spring' })).toBe(20);
    await ledger.plans.publish(planWith(false));
    expect(await sender.claim({ any: 100 })).toEqual([]);
    await teardown();
  });
});

describe('waiting messages for which nothing can be done', () => {
  it('of many suspended campaigns do not keep parked those of one that is resumed', async () => {
    const { ledger, advance, teardown } = await redis.openStill();
    const names = Array.from({ length: 70 }, (_, index) => `campaign-${String(index + 10)}`);
    const last = 'campaign-79';
    const planOf = (isOpen: (name: string) => boolean) =>
      aPlan({ campaigns: names.map((name) => aPlanCampaign({ name, suspended: !isOpen(name) })) });
    await ledger.plans.publish(planOf(() => true));
    const sender = await startSender(ledger, 's1');
    for (const name of names) {
      await importRows(ledger, name, 1);
      await letWait(sender, name);
    }
    await advance(1_000);
    await ledger.plans.publish(planOf(() => false));
    expect(await claimUntil(sender, names.length)).toEqual([]);
    await ledger.plans.publish(planOf((name) => name === last));
    const claims = await claimUntil(sender, 1);
    expect(claims.map(({ key }) => key.campaign)).toEqual([last]);
    await teardown();
  });

  it('because their mailboxes are out do not keep others waiting for a limit that has room', async () => {
    const { ledger, teardown } = await redis.openStill();
    const mailboxes = Array.from({ length: 60 }, (_, index) => `mailbox/m${String(index + 10)}`);
    const last = 'mailbox/m69';
    await ledger.plans.publish(aPlan());
    await importRows(ledger, 'spring', mailboxes.length);
    const sender = await startSender(ledger, 's1');
    const claims = await sender.claim({ any: mailboxes.length });
    for (const [index, claim] of claims.entries()) {
      const constraint = { kind: 'Route', route: mailboxes[index] ?? '' } as const;
      const limit = 'recipient-domain:mail/outreach/gmail.com';
      const settlement = { kind: 'Limited', limit, dueInMs: 0, constraint, overflow: '' } as const;
      await sender.settle(claim, { settlement });
    }
    const ask = { any: 0, routes: { [last]: 1 } };
    const taken = [...(await sender.claim(ask)), ...(await sender.claim(ask))];
    expect(taken.map(({ constraint }) => constraint)).toEqual([{ kind: 'Route', route: last }]);
    await teardown();
  });
});

/** Claims until so many were handed out; a call that finds parked messages may need a few turns. */
async function claimUntil(sender: TestSender, wanted: number) {
  const claims = await sender.claim({ any: wanted });
  for (let turn = 0; turn < 50 && claims.length < wanted; turn += 1) {
    claims.push(...(await sender.claim({ any: wanted - claims.length })));
  }
  return claims;
}

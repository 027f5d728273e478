import { describe, expect, it } from 'vitest';
import { EARNED_LIST } from '../../../controller/domain/ports/suppression-ledger.ts';
import { audienceRows } from '../../builders/audience.ts';
import { aPlan, aPlanCampaign } from '../../builders/plan.ts';
import { aDayLimit, aReserveRequest, anHourLimit } from '../../builders/quota.ts';
import { POOL, openPool, recordOf, startSender } from '../../contract/pool-fixture.ts';
import { newPrefix, useRedis } from './redis-under-test.ts';

const redis = useRedis();
const KEEPER = 'me';
const CAMPAIGN = { ...POOL, campaign: 'spring' };
const ANNA = { addresses: ['anna@example.net'], domains: ['example.net'] };
const BOTH_LIMITS = [aDayLimit({ recipients: 10_000 }), anHourLimit({ recipients: 10_000 })];

/** Uses everything that a ledger has at least once. */
async function useEverything(prefix: string) {
  const ledger = await redis.open({ prefix, ackDelayMs: 0 });
  await ledger.suppression.publish('mail', 'blocked', {
    revision: '1',
    addresses: ['b@example.net'],
    domains: [],
  });
  await ledger.suppression.add('mail', {
    list: EARNED_LIST,
    keys: ANNA,
    reason: 'Unsubscribed',
    address: 'anna@example.net',
  });
  const plan = aPlan({ campaigns: [aPlanCampaign(), aPlanCampaign({ name: 'autumn' })] });
  await openPool(ledger, 600, plan);
  await ledger.plans.publish(plan, KEEPER);
  const sender = await startSender(ledger, 's1');
  const [delivered, deferred, bound, limited, onWire, left] = await sender.claim({ any: 6 });
  if (!delivered || !deferred || !bound || !limited || !onWire || !left)
    throw new Error('too few were claimed');
  await sender.begin(delivered);
  await sender.deliver(delivered, { followUp: { step: 1, dueInMs: 60_000 } });
  for (const [claim, constraint] of [
    [deferred, { kind: 'Esp' }],
    [bound, { kind: 'Route', route: 'mailbox/anna' }],
  ] as const) {
    const settlement = { kind: 'Deferred', dueInMs: 60_000, constraint, overflow: '' } as const;
    const record = recordOf(claim, { code: 450, class: 'transient', outcome: 'Deferred' });
    await sender.settle(claim, { settlement, record, route: 'mailbox/anna' });
  }
  const waits = { kind: 'Limited', limit: 'pool:mail/outreach', dueInMs: 60_000, overflow: '' } as const;
  await sender.settle(limited, { settlement: { ...waits, constraint: { kind: 'Any' } } });
  await sender.begin(onWire);
  await ledger.queue.reconcile(sender.key, [left.token]);
  const request = aReserveRequest({ limits: BOTH_LIMITS });
  const granted = await ledger.quota.reserve(request);
  if (granted.granted) await ledger.quota.release(granted.reservation);
  const throttle = { throttle: { factor: 0.5 }, flag: 'PolicyBlock' };
  await ledger.quota.applyConsequence(request.subject, throttle, {
    text: 'slow',
    minStopMs: 0,
    limits: BOTH_LIMITS,
  });
  return { ledger, sender, plan };
}

async function keysOf(prefix: string): Promise<string[]> {
  return (await redis.admin.keys(`${prefix}*`)).sort();
}

/** Keys without a TTL, by what comes after their tag. */
async function lasting(prefix: string): Promise<string[]> {
  const keys = await keysOf(prefix);
  const ttls = await Promise.all(keys.map((key) => redis.admin.pttl(key)));
  return keys
    .filter((_key, index) => ttls[index] === -1)
    .map((key) => key.slice(prefix.length).replace(/^\{.*?\}:/, ''));
}

describe('the keys of a ledger', () => {
  it('have one hash tag each, but for the one that names the ledger and those that list what a keeper published', async () => {
    const prefix = newPrefix();
    const { ledger } = await useEverything(prefix);
    const untagged = (await keysOf(prefix)).filter((key) => !/^[^{}]*\{[qps]:[^{}]+\}:[^{}]+$/.test(key));
    expect(untagged).toEqual([`${prefix}kept-plans:${KEEPER}`, `${prefix}ledger`]);
    await ledger.close();
  });

  it('end by themselves once their owners are gone, but for what was earned', async () => {
    const prefix = newPrefix();
    const { ledger, sender } = await useEverything(prefix);
    await ledger.audience.cancel(CAMPAIGN);
    await ledger.lanes.leave(sender.key);
    await ledger.queue.recover(POOL);
    await ledger.plans.withdraw(POOL, KEEPER);
    await ledger.suppression.forget('mail', 'blocked');
    expect(await lasting(prefix)).toEqual([
      'ledger',
      'list:mailers-earned:earned',
      'list:mailers-earned:log',
      'lists',
    ]);
    await ledger.close();
  });

  it('of a withdrawn pool last again when it comes back, and nobody is mailed twice', async () => {
    const prefix = newPrefix();
    const { ledger, sender, plan } = await useEverything(prefix);
    await ledger.lanes.leave(sender.key);
    await ledger.plans.withdraw(POOL);
    expect(await lasting(prefix)).not.toContain('campaigns');
    await ledger.plans.publish(plan);
    expect(await lasting(prefix)).toEqual(
      expect.arrayContaining(['campaigns', 'attempts', 'campaign:spring:rows', 'campaign:spring:outcomes']),
    );
    const next = await startSender(ledger, 's2');
    const rows = (await next.claim({ any: 1_000, campaigns: ['spring'] })).map(({ key }) => key.row);
    expect(rows).not.toContain(0);
    await ledger.close();
  });

  it('keep a stop that waits for a person, as long as that takes', async () => {
    const prefix = newPrefix();
    const ledger = await redis.open({ prefix });
    const { subject } = aReserveRequest();
    const reply = { text: 'suspended', minStopMs: 0, limits: [] };
    await ledger.quota.applyConsequence(subject, { stop: 'untilHuman' }, reply);
    expect(await lasting(prefix)).toContain('marks');
    await ledger.quota.resume(subject, ['Human']);
    expect(await lasting(prefix)).toEqual(['ledger']);
    await ledger.close();
  });
});

describe('the memory of a ledger', () => {
  const bytesOf = async (pattern: string): Promise<number> => {
    const keys = await redis.admin.keys(pattern);
    const sizes = await Promise.all(keys.map((key) => redis.admin.memory('USAGE', key)));
    return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
  };

  it('is at most 2 KiB for an idle mailbox and 16 KiB for a busy one', async () => {
    const still = await redis.openStill({});
    const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 30 };
    const idle = aReserveRequest({ subject: 'mailbox:idle', limits: [aDayLimit()], warmup });
    await still.ledger.quota.reserve(idle);
    const slow = { text: 'slow down', minStopMs: 0, limits: idle.limits, warmup };
    const throttled = { holdsWarmup: true, throttle: { factor: 0.5 }, flag: 'PolicyBlock' } as const;
    await still.ledger.quota.applyConsequence(idle.subject, throttled, slow);
    const busy = aReserveRequest({ subject: 'mailbox:busy', limits: BOTH_LIMITS });
    const reserveForSuppressed = async (): Promise<void> => {
      const granted = await still.ledger.quota.reserve(busy);
      if (granted.granted) await still.ledger.quota.release(granted.reservation);
    };
    for (let send = 0; send < 320; send += 1) {
      await still.ledger.quota.reserve(busy);
      await Promise.all(Array.from({ length: 10 }, reserveForSuppressed));
      await still.advance(300_000);
    }
    const reply = { text: 'x'.repeat(512), minStopMs: 0, limits: BOTH_LIMITS };
    await still.ledger.quota.applyConsequence(
      busy.subject,
      { stop: 'untilHuman', flag: 'PolicyBlock' },
      reply,
    );
    expect(await bytesOf('*{q:mailbox:idle}*')).toBeLessThanOrEqual(2_048);
    expect(await bytesOf('*{q:mailbox:busy}*')).toBeLessThanOrEqual(16_384);
    await still.teardown();
  });

  it('is at most 120 bytes for a row with 60 bytes of variables', async () => {
    const prefix = newPrefix();
    const ledger = await redis.open({ prefix });
    const words = ['Anna', 'Bo', 'Carl', 'Dora', 'Emil', 'Finn', 'Greta', 'Hugo', 'Ida', 'Jan'];
    const rows = audienceRows(5_000).map((row, index) => ({
      ...row,
      variables: {
        name: `${words[index % 10] ?? ''} ${words[(index * 7) % 10] ?? ''}sson`,
        company: `${words[(index * 3) % 10] ?? ''} & ${words[(index * 9) % 10] ?? ''} ${(index * 7_919) % 10_007} Ltd`,
        city: `city ${(index * 104_729) % 1_009}`,
        plan: `plan-${(index * 31) % 97}`,
      },
    }));
    await ledger.audience.append(CAMPAIGN, 0, rows);
    expect((await bytesOf(`${prefix}*`)) / rows.length).toBeLessThanOrEqual(120);
    await ledger.close();
  });
});

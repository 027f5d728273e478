import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReportCampaign, ReportLimit } from '../../../controller/api/report.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { Fleet } from '../../fleet/fleet.ts';
import { accounts, campaign, esp, mailbox, pool, recipients, template } from '../../fleet/fleet-manifests.ts';
import { expectKept, mailOf, untilCampaign, untilDone } from './a-fleet.ts';

const MAILBOXES = ['anna', 'ben', 'cleo', 'dora'];

/** Addresses at Gmail under both of its names. */
function gmail(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `g${index}@${index % 3 === 0 ? 'googlemail' : 'gmail'}.com`,
  );
}

/** Takes turns between two lists. */
function mixed(one: readonly string[], other: readonly string[]): string[] {
  const longest = Math.max(one.length, other.length);
  return Array.from({ length: longest }, (_, index) => [one[index], other[index]])
    .flat()
    .filter((address) => address !== undefined);
}

async function aLimitedFleet(shape: {
  readonly audience: readonly string[];
  readonly pool: Readonly<Record<string, unknown>>;
  readonly mailbox?: Readonly<Record<string, unknown>>;
  readonly windowMs?: number;
}): Promise<Fleet> {
  const { windowMs } = shape;
  const fleet = await Fleet.start({
    sandbox: accounts(MAILBOXES, ['relay']),
    ...(windowMs === undefined ? {} : { windowMs }),
  });
  onTestFinished(() => fleet.end());
  const { sandbox } = fleet;
  await fleet.write('mailboxes.yaml', ...MAILBOXES.map((name) => mailbox(sandbox, name, shape.mailbox)));
  await fleet.write('pool.yaml', pool(MAILBOXES, ['relay'], shape.pool), template, esp(sandbox, 'relay'));
  await fleet.write('campaign.yaml', campaign(shape.audience));
  await fleet.publish();
  return fleet;
}

async function limitOf(fleet: Fleet, name: string): Promise<ReportLimit> {
  const found = (await fleet.report()).pools.flatMap(({ limits }) => limits);
  const limit = found.find((one) => one.name === name);
  if (!limit) throw new Error(`no limit ${name} in the report`);
  return limit;
}

/** Script calls that Redis has served. */
async function scriptCalls(redis: Redis): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

describe('limits that routes share', () => {
  it('are kept by three senders at once, over mailboxes and overflow together, and everything arrives', async () => {
    const fleet = await aLimitedFleet({
      audience: mixed(gmail(24), recipients(60)),
      windowMs: 3_000,
      mailbox: { quota: { recipientsPerDay: 2 } },
      pool: {
        limits: { recipientsPerDay: 45 },
        recipientDomainLimits: [{ domain: 'gmail.com', recipientsPerDay: 10 }],
      },
    });
    for (let sender = 0; sender < 3; sender += 1) fleet.startSender();
    const done = await untilDone(fleet, 60_000);
    expect(done).toMatchObject({ delivered: 84, uncertain: 0, failed: 0 });
    expect(done.overflow).toBeGreaterThan(0);
    await expectKept(fleet);
  });

  it('let messages wait without a storm, and a raised one lets them go at once', async () => {
    const limited = (recipientsPerDay: number) => ({
      recipientDomainLimits: [{ domain: 'gmail.com', recipientsPerDay }],
    });
    const fleet = await aLimitedFleet({ audience: mixed(gmail(1_500), recipients(40)), pool: limited(5) });
    fleet.startSender();
    const isWaiting = async () => (await limitOf(fleet, 'gmail.com')).waiting === 1_495;
    await waitUntil('all of Gmail waits', isWaiting, { timeoutMs: 30_000 });
    expect(await limitOf(fleet, 'gmail.com')).toMatchObject({
      state: 'RecipientDomainQuotaExhausted',
      used: 5,
      nextSlot: expect.stringMatching(/^2/) as string,
    });
    const standing = { state: 'WaitingForQuota', delivered: 45, pending: 1_495 };
    const campaigns = (await fleet.report()).pools.flatMap(({ campaigns: all }) => all);
    expect(campaigns).toMatchObject([standing]);
    const redis = new Redis(fleet.redis.url);
    onTestFinished(() => redis.disconnect());
    const before = await scriptCalls(redis);
    await sleep(2_000);
    expect((await scriptCalls(redis)) - before).toBeLessThan(150);
    expect(mailOf(fleet)).toHaveLength(45);
    await fleet.write(
      'pool.yaml',
      pool(MAILBOXES, ['relay'], limited(2_000)),
      template,
      esp(fleet.sandbox, 'relay'),
    );
    await fleet.publish();
    expect(await untilDone(fleet, 40_000)).toMatchObject({ delivered: 1_540, uncertain: 0 });
    await expectKept(fleet);
  });

  it('hold the whole pool when they are the pool’s own, and say until when', async () => {
    const fleet = await aLimitedFleet({
      audience: recipients(30),
      pool: { limits: { recipientsPerHour: 12 } },
    });
    fleet.startSender();
    fleet.startSender();
    const isHeld = ({ state }: { state: string }) => state === 'WaitingForQuota';
    const held = await untilCampaign(fleet, 'the pool is held', isHeld);
    expect(held).toMatchObject({ delivered: 12, pending: 18 });
    expect(held.message).toContain('12 recipients per hour (spec.limits)');
    const limit = await limitOf(fleet, 'pool');
    expect(limit).toMatchObject({ state: 'PoolQuotaExhausted', used: 12, recipientsPerHour: 12 });
    const waitMs = Date.parse(held.nextAttempt) - Date.now();
    expect(waitMs).toBeGreaterThan(3_500_000);
    expect(waitMs).toBeLessThan(4_000_000);
    await expectKept(fleet);
  });

  it('do not keep a campaign open past its end', async () => {
    const fleet = await aLimitedFleet({
      audience: recipients(6),
      pool: { limits: { recipientsPerHour: 2 } },
    });
    fleet.startSender();
    const isHeld = ({ delivered, state }: ReportCampaign) => delivered === 2 && state === 'WaitingForQuota';
    await untilCampaign(fleet, 'the pool is held', isHeld);
    const endTime = new Date(Date.now() + 500).toISOString();
    await fleet.write('campaign.yaml', campaign(recipients(6), { schedule: { endTime } }));
    await fleet.publish();
    expect(await untilDone(fleet)).toMatchObject({ delivered: 2, cancelled: 4 });
    await expectKept(fleet);
  });
});

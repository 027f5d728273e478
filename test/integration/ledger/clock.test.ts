import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDayLimit, aReserveRequest } from '../../builders/quota.ts';
import { LONG_LEASE_MS, openPool, POOL, startSender } from '../../contract/pool-fixture.ts';
import { useRedis, type StillLedger } from './redis-under-test.ts';

const redis = useRedis();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NO_LANES = { routes: [], busy: [], states: [] };
const SHORT_LEASE = { leaseMs: 9_000 };

describe('a server whose clock is set', () => {
  let still: StillLedger;
  let jumps: number[];

  beforeEach(async () => {
    jumps = [];
    still = await redis.openStill({ onClockJump: (jumpMs) => jumps.push(jumpMs) });
  });
  afterEach(() => still.teardown());

  const request = aReserveRequest({ limits: [aDayLimit({ recipients: 2 })] });
  const reserve = () => still.ledger.quota.reserve(request);
  /** Any call notices it within a quarter of a second; a reservation at once. */
  const isNoticed = reserve;

  it.each([
    ['an hour forward', HOUR_MS],
    ['two days forward', 2 * DAY_MS],
    ['an hour back', -HOUR_MS],
    ['two days back', -2 * DAY_MS],
  ])('%s, frees no usage and keeps none longer', async (_name, ms) => {
    await reserve();
    await reserve();
    await still.jump(ms);
    expect(await reserve()).toMatchObject({ granted: false, reason: 'QuotaExhausted', used: 2 });
    await still.advance(DAY_MS - HOUR_MS);
    expect(await reserve()).toMatchObject({ granted: false });
    await still.advance(HOUR_MS + HOUR_MS);
    expect(await reserve()).toMatchObject({ granted: true, used: 1 });
  });

  it.each([
    ['an hour back', [-HOUR_MS]],
    ['an hour forward and back again', [HOUR_MS, -HOUR_MS]],
  ])('%s, lets no message wait longer, of whatever class', async (_name, jumpsMs) => {
    const { ledger } = still;
    await openPool(ledger, 3);
    const sender = await startSender(ledger, 's1');
    const beat = () => ledger.lanes.share(sender.key, { leaseMs: LONG_LEASE_MS, ...NO_LANES });
    const [any, esp, bound] = await sender.claim();
    if (!any || !esp || !bound) throw new Error('no three messages');
    const wait = { kind: 'Returned', dueInMs: 60_000, overflow: '' } as const;
    await sender.settle(any, { settlement: { ...wait, constraint: { kind: 'Any' } } });
    await sender.settle(esp, { settlement: { ...wait, constraint: { kind: 'Esp' } } });
    for (const jumpMs of jumpsMs) {
      await still.jump(jumpMs);
      await isNoticed();
      await beat();
    }
    const constraint = { kind: 'Route', route: 'mailbox/anna' } as const;
    await sender.settle(bound, { settlement: { ...wait, constraint } });
    await still.advance(61_000);
    const demand = { any: 9, esp: 9, routes: { 'mailbox/anna': 9 } };
    expect(await sender.claim(demand)).toHaveLength(3);
  });

  it('an hour back, keeps no dead sender alive, and lets the others live', async () => {
    const { ledger } = still;
    await openPool(ledger, 3);
    const living = await startSender(ledger, 's1', { routes: ['mailbox/anna'] });
    const dead = await startSender(ledger, 's2', { ...SHORT_LEASE, routes: ['esp/relay'] });
    const claim = await dead.claimOne();
    expect(await dead.begin(claim, 'esp/relay')).toBe('Ok');
    await still.jump(-HOUR_MS);
    await isNoticed();
    const beat = () => ledger.lanes.share(living.key, { ...SHORT_LEASE, ...NO_LANES });
    await beat();
    await still.advance(SHORT_LEASE.leaseMs + 1);
    expect(await beat()).toMatchObject({ evicted: false });
    expect(await ledger.queue.recover(POOL)).toMatchObject([{ key: claim.key }]);
    expect(await beat()).toMatchObject({ evicted: false });
  });

  it('answers times by the clock that the server has now', async () => {
    await reserve();
    await reserve();
    await still.jump(HOUR_MS);
    const now = await still.ledger.now();
    const answer = await reserve();
    if (answer.granted || answer.retryAtMs === undefined) throw new Error('granted');
    expect(answer.retryAtMs - now).toBeGreaterThan(DAY_MS - 1);
    expect(answer.retryAtMs - now).toBeLessThan(DAY_MS + HOUR_MS / 2);
  });

  it('is noticed in the very call that comes first', async () => {
    for (let round = 0; round < 5; round += 1) {
      await still.jump(2 * DAY_MS);
      await reserve();
    }
    expect(await reserve()).toMatchObject({ granted: false, used: 2 });
  });

  it('is told of once', async () => {
    await still.jump(-HOUR_MS);
    await reserve();
    await reserve();
    expect(jumps).toEqual([-HOUR_MS]);
  });
});

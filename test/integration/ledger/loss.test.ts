import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerLost } from '../../../controller/domain/ports/ledger.ts';
import { EARNED_LIST } from '../../../controller/domain/ports/suppression-ledger.ts';
import type { RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { aPlan } from '../../builders/plan.ts';
import { aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { POOL, openPool, startSender, type TestSender } from '../../contract/pool-fixture.ts';
import { newPrefix, useRedis } from './redis-under-test.ts';

const redis = useRedis();
const ANNA = { addresses: ['anna@example.net'], domains: ['example.net'] };

describe('a ledger that was wiped', () => {
  let prefix: string;
  let ledger: RedisLedger;
  let sender: TestSender;

  beforeEach(async () => {
    prefix = newPrefix();
    ledger = await redis.open({ prefix, ackDelayMs: 0 });
    await openPool(ledger, 10);
    sender = await startSender(ledger, 's1');
    await ledger.quota.reserve(aReserveRequest());
    await ledger.suppression.publish('mail', 'blocked', {
      revision: '1',
      addresses: ['b@example.net'],
      domains: [],
    });
  });
  afterEach(async () => {
    await ledger.close();
  });

  /** As FLUSHALL, for this ledger only. */
  const wipe = async (part = '') => {
    const keys = await redis.admin.keys(`${prefix}${part}*`);
    expect(keys.length).toBeGreaterThan(0);
    await redis.admin.del(keys);
  };

  it('lets no message pass its last gate, from the very next call on', async () => {
    const claim = await sender.claimOne();
    await wipe();
    await expect(sender.begin(claim)).rejects.toThrow(LedgerLost);
    await expect(sender.begin(claim)).rejects.toThrow(/confirm/);
  });

  it('does not take the silence of a wiped suppression list for consent', async () => {
    await ledger.suppression.check('mail', ['blocked'], [ANNA]);
    await wipe('{s:');
    await expect(ledger.suppression.check('mail', [EARNED_LIST], [ANNA])).rejects.toThrow(LedgerLost);
  });

  it('does not begin a new window for an account whose usage is gone', async () => {
    await wipe('{q:');
    await expect(ledger.quota.reserve(aReserveRequest())).rejects.toThrow(LedgerLost);
  });

  it('refuses every call until a person confirms, and is filled again after that', async () => {
    await wipe();
    await waitUntil('the loss is noticed', () => ledger.now().then(() => false, isLost), {
      timeoutMs: 5_000,
    });
    await expect(ledger.plans.publish(aPlan({ revision: 'new' }))).rejects.toThrow(LedgerLost);
    await expect(ledger.audience.counts({ ...POOL, campaign: 'spring' })).rejects.toThrow(LedgerLost);
    await ledger.confirmLedgerLoss();
    expect(await ledger.plans.revision(POOL)).toBeUndefined();
    await openPool(ledger, 10);
    expect(await startSender(ledger, 's2').then((next) => next.claim())).toHaveLength(10);
  });

  it('is confirmed for all processes at once', async () => {
    const other = await redis.open({ prefix });
    await other.plans.revision(POOL);
    await wipe();
    await waitUntil('the other notices', () => other.now().then(() => false, isLost), { timeoutMs: 5_000 });
    await ledger.confirmLedgerLoss();
    await waitUntil('the other goes on', () => other.now(), { timeoutMs: 5_000 });
    expect(other.id).toBe(ledger.id);
    await other.close();
  });

  it('keeps what a partial loss left, once that is confirmed', async () => {
    await wipe('{p:');
    await expect(sender.claim()).rejects.toThrow(LedgerLost);
    await ledger.confirmLedgerLoss();
    expect(await ledger.quota.reserve(aReserveRequest())).toMatchObject({ granted: true, used: 2 });
    expect(await ledger.suppression.check('mail', ['blocked'], [ANNA])).toEqual([undefined]);
    expect(await sender.claim()).toEqual([]);
  });

  it('is not confused with another ledger that came into its place', async () => {
    await wipe();
    const stranger = await redis.open({ prefix });
    await stranger.plans.publish(aPlan({ revision: 'of a stranger' }));
    await expect(sender.claim()).rejects.toThrow(LedgerLost);
    await stranger.close();
  });
});

function isLost(error: unknown): boolean {
  return error instanceof LedgerLost;
}

describe('a ledger of a newer program', () => {
  it('is refused in words', async () => {
    const prefix = newPrefix();
    await redis.admin.hset(`${prefix}ledger`, { id: 'x', schema: 99 });
    await expect(redis.open({ prefix })).rejects.toThrow(
      /schema 99, this program knows 1: run a newer mailers/,
    );
  });
});

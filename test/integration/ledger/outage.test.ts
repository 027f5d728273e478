import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LedgerUnavailable } from '../../../controller/domain/ports/ledger.ts';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { POOL, countsOf, openPool, startSender } from '../../contract/pool-fixture.ts';
import { logInWithLeastRights } from './access.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';

/** Short, so that a test of a hanging Redis is. */
const COMMAND_TIMEOUT_MS = 400;

describe('a ledger whose Redis is away', () => {
  let redis: RedisServer;
  let ledger: RedisLedger;

  beforeEach(async () => {
    redis = await startRedis();
    ledger = await openRedisLedger({ url: redis.url, prefix: 't:', commandTimeoutMs: COMMAND_TIMEOUT_MS });
  });
  afterEach(async () => {
    await ledger.close();
    await redis.stop();
  });

  const reserve = () => ledger.quota.reserve(aReserveRequest());
  const answersAgain = () =>
    waitUntil('the ledger answers', () => ledger.now(), { timeoutMs: 20_000, intervalMs: 50 });

  it('says so at once, and goes on by itself with all that it knew when Redis was killed and is back', async () => {
    await openPool(ledger, 10);
    const sender = await startSender(ledger, 's1');
    const claim = await sender.claimOne();
    await reserve();
    await redis.kill9();
    await expect(reserve()).rejects.toThrow(LedgerUnavailable);
    await expect(sender.begin(claim)).rejects.toThrow(/ledger URL/);
    await redis.restart();
    await answersAgain();
    expect(await reserve()).toMatchObject({ granted: true, used: 2 });
    expect(await sender.begin(claim)).toBe('Ok');
    expect(await countsOf(ledger)).toMatchObject({ total: 10, pending: 9, inFlight: 1 });
  });

  it('does not wait for a Redis that hangs, and goes on when it is woken', async () => {
    redis.pause();
    const began = performance.now();
    await expect(reserve()).rejects.toThrow(LedgerUnavailable);
    await expect(
      ledger.suppression.check('mail', [], [{ addresses: ['a@example.net'], domains: [] }]),
    ).rejects.toThrow(LedgerUnavailable);
    expect(performance.now() - began).toBeLessThan(COMMAND_TIMEOUT_MS * 10);
    redis.resume();
    await answersAgain();
    expect(await reserve()).toMatchObject({ granted: true });
  });

  it('is not opened, and says where to look', async () => {
    await redis.kill9();
    const opening = openRedisLedger({ url: redis.url, prefix: 't:' });
    await expect(opening).rejects.toThrow(LedgerUnavailable);
    await redis.restart();
  });

  it('is opened when its data is loaded, and says meanwhile what it waits for', async () => {
    // It rests after each key that it loads, microseconds.
    const loading = await startRedis({ 'key-load-delay': 500 });
    onTestFinished(() => loading.stop());
    const admin = new Redis(loading.url);
    await admin.eval("for i = 1, 12000 do redis.call('SET', i, i) end", 0);
    admin.disconnect();
    await loading.kill9();
    const isStarted = loading.restart();
    const said: string[] = [];
    const onTrouble = (sentence: string) => void said.push(sentence);
    const open = () => openRedisLedger({ url: loading.url, prefix: 't:', onTrouble }).catch(() => undefined);
    const opened = await waitUntil('it is opened', open, { timeoutMs: 40_000, intervalMs: 5 });
    expect(said).toEqual([expect.stringContaining('is loading its data')]);
    await isStarted;
    await opened.close();
  });

  it('learns its scripts again after SCRIPT FLUSH', async () => {
    await reserve();
    const admin = await openAdmin();
    await admin.script('FLUSH');
    expect(await reserve()).toMatchObject({ granted: true, used: 2 });
    admin.disconnect();
  });

  it('records nothing and says what to change when Redis is out of memory', async () => {
    await openPool(ledger, 1);
    const admin = await openAdmin();
    await admin.config('SET', 'maxmemory', '1mb');
    await expect(reserve()).rejects.toThrow(/LedgerUnavailable|raise maxmemory/);
    await admin.config('SET', 'maxmemory', '0');
    expect(await reserve()).toMatchObject({ granted: true, used: 1 });
    admin.disconnect();
  });

  it('records nothing while its Redis is a replica', async () => {
    const admin = await openAdmin();
    await admin.replicaof('127.0.0.1', 1);
    await expect(reserve()).rejects.toThrow(LedgerUnavailable);
    await admin.replicaof('NO', 'ONE');
    await answersAgain();
    expect(await reserve()).toMatchObject({ granted: true });
    admin.disconnect();
  });

  it('records nothing, and nothing by halves, while its user lacks a right', async () => {
    const admin = await openAdmin();
    const url = await logInWithLeastRights(admin, redis.port);
    const limited = await openRedisLedger({ url, prefix: 'test-:' });
    await openPool(limited, 2);
    const sender = await startSender(limited, 's1');
    const [first, second] = await sender.claim({ any: 2 });
    if (first === undefined || second === undefined) throw new Error('too little was claimed');
    await sender.begin(second);
    await admin.call('ACL', 'SETUSER', 'mailers', '-xadd');
    // They go out in one call, in which the first one writes what the second one then cannot.
    const settleBoth = () =>
      Promise.allSettled([
        sender.settle(first, {
          settlement: { kind: 'Returned', dueInMs: 0, constraint: first.constraint, overflow: '' },
        }),
        sender.deliver(second),
      ]);
    for (const end of await settleBoth()) {
      expect(end).toMatchObject({ status: 'rejected', reason: { name: 'LedgerUnavailable' } });
      expect(end).toMatchObject({ reason: { message: expect.stringContaining('right to run XADD') } });
    }
    expect(await sender.claim({ any: 2 })).toEqual([]);
    await admin.call('ACL', 'SETUSER', 'mailers', '+xadd');
    expect(await settleBoth()).toMatchObject([{ value: 'Ok' }, { value: 'Ok' }]);
    expect(await countsOf(limited)).toMatchObject({ pending: 1, inFlight: 0, delivered: 1 });
    await limited.close();
    admin.disconnect();
  });

  it('gives back what it handed out in answers that were lost', async () => {
    await openPool(ledger, 3);
    const sender = await startSender(ledger, 's1');
    const [known, onWire] = await sender.claim({ any: 3 });
    if (known === undefined || onWire === undefined) throw new Error('nothing was claimed');
    await sender.begin(onWire);
    await ledger.queue.reconcile(sender.key, [known.token]);
    expect(await countsOf(ledger)).toMatchObject({ pending: 1, inFlight: 1, uncertain: 1 });
    expect(await ledger.queue.uncertain(POOL, 10)).toMatchObject([{ key: onWire.key }]);
  });

  async function openAdmin() {
    const { Redis } = await import('ioredis');
    return new Redis(redis.url);
  }
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { LONG_LEASE_MS, openPool, POOL, startSender } from '../../contract/pool-fixture.ts';
import { openRedisDoor, type RedisDoor } from '../../redis/redis-door.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';

/** A lease that is over when somebody looks. */
const OVER_MS = 1;

async function offsetOf(redis: RedisServer, name: string): Promise<number> {
  const told = await askRedis(redis.port, 'INFO replication');
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(told)?.[1] ?? -1);
}

/**
 * A primary that stood still and was taken for dead goes on as one until the Sentinels tell it otherwise, some ten seconds. When the one that
 * took over dies meanwhile, they make it the primary again: the same process, with all that it knew, and nothing of what came since.
 */
describe('a Redis that is the primary again and was never told that it was not', () => {
  let former: RedisServer;
  let next: RedisServer;
  let doors: readonly [RedisDoor, RedisDoor];
  let ledgers: readonly [RedisLedger, RedisLedger];

  const isBack = (who: RedisLedger) =>
    waitUntil('the ledger answers', () => who.now(), { timeoutMs: 20_000, intervalMs: 20 });
  const open = (door: RedisDoor) => openRedisLedger({ url: door.url, prefix: 't:' });

  beforeEach(async () => {
    former = await startRedis({ 'repl-diskless-sync-delay': 0 });
    next = await startRedis({ replicaof: `127.0.0.1 ${former.port}` });
    doors = [await openRedisDoor(former.port), await openRedisDoor(former.port)];
    ledgers = [await open(doors[0]), await open(doors[1])];
    await openPool(ledgers[0], 4);
  });
  afterEach(async () => {
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await Promise.all(doors.map((door) => door.close()));
    await Promise.all([former.stop(), next.stop()]);
  });

  const failOver = async () => {
    const written = await offsetOf(former, 'master_repl_offset');
    const hasAll = async () => (await offsetOf(next, 'slave_repl_offset')) >= written;
    await waitUntil('the replica has all', hasAll, { timeoutMs: 10_000, intervalMs: 20 });
    await askRedis(next.port, 'REPLICAOF NO ONE');
    for (const door of doors) door.leadTo(next.port);
    await Promise.all(ledgers.map(isBack));
  };
  /** Who comes back first has asked before the other is back. */
  const failBack = async <T>(ask: () => Promise<T>): Promise<T> => {
    const [first, second] = doors;
    second.leadTo();
    first.leadTo(former.port);
    await isBack(ledgers[0]);
    const answer = ask();
    second.leadTo(former.port);
    await isBack(ledgers[1]);
    return await answer;
  };

  it('hands out nothing that another process has on the wire', async () => {
    const sender = await startSender(ledgers[0], 's1', { routes: ['mailbox/anna'] });
    const second = await startSender(ledgers[1], 's2', { routes: ['esp/relay'] });
    await failOver();
    const mine = await second.claimOne();
    expect(await second.begin(mine, 'esp/relay')).toBe('Ok');
    const claims = await failBack(() => sender.claim({ any: 9 }));
    expect(claims.map(({ key }) => key.row)).not.toContain(mine.key.row);
    expect(await second.deliver(mine)).toBe('Ok');
  });

  it('declares no sender dead whose heartbeats it missed', async () => {
    await startSender(ledgers[0], 's1', { routes: ['mailbox/anna'] });
    await startSender(ledgers[1], 's2', { leaseMs: OVER_MS, routes: ['esp/relay'] });
    await failOver();
    const { key, claimOne } = await startSender(ledgers[1], 's2', { routes: ['esp/relay'] });
    await claimOne();
    expect(await failBack(() => ledgers[0].queue.recover(POOL))).toEqual([]);
    const beat = { leaseMs: LONG_LEASE_MS, routes: ['esp/relay'], busy: [], states: [] };
    expect(await ledgers[1].lanes.share(key, beat)).toMatchObject({ evicted: false });
  });
});

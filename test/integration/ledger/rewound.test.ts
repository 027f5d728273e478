import { setTimeout as pass } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LedgerLost } from '../../../controller/domain/ports/ledger.ts';
import {
  openRedisLedger,
  type RedisLedger,
  type RedisLedgerOptions,
} from '../../../controller/ledger/redis-ledger.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { countsOf, openPool, startSender } from '../../contract/pool-fixture.ts';
import { startRedisCluster } from '../../redis/redis-cluster.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { writtenUntilNow, type WrittenUntil } from '../../redis/redis-rollback.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';
import { newPrefix } from './redis-under-test.ts';

/** So that half a second is too far. */
const LANDMARKS = { everyMs: 20, tooFarMs: 400 };

describe('a Redis that came back with an old state', () => {
  let redis: RedisServer;
  let ledger: RedisLedger;
  let other: RedisLedger;
  const opened: RedisLedger[] = [];

  const open = async (options: Partial<RedisLedgerOptions> = {}) => {
    const added = await openRedisLedger({
      url: redis.url,
      prefix: 't:',
      ackDelayMs: 0,
      landmarkTimes: LANDMARKS,
      ...options,
    });
    opened.push(added);
    return added;
  };
  beforeEach(async () => {
    redis = await startRedis();
    ledger = await open();
    other = await open();
    await openPool(ledger, 4);
    await pass(2 * LANDMARKS.tooFarMs);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await redis.stop();
  });

  it('stops every process, those that are started later as well, until a person confirms', async () => {
    const sender = await startSender(ledger, 's1');
    const before = await writtenUntilNow(redis);
    await pass(2 * LANDMARKS.tooFarMs);
    await before.comeBack();
    expect((await lost(ledger)).message).toMatch(
      new RegExp(
        `the ledger ${ledger.id} went back in time: at least the last 1 s .* --lost ${ledger.id}\\)$`,
      ),
    );
    await lost(other);
    await expect(sender.claim()).rejects.toThrow(LedgerLost);
    const started = await open();
    await expect(startSender(started, 's2')).rejects.toThrow(/went back in time/);
    expect(await started.health()).toMatchObject({ reason: 'LedgerLost' });
    await started.confirmLedgerLoss();
    await waitUntil('all go on', () => Promise.all([ledger.now(), other.now()]), { timeoutMs: 5_000 });
    expect([ledger.id, other.id]).toEqual([started.id, started.id]);
    expect(await sender.claim({ any: 9 })).toHaveLength(4);
  });

  it('knows again what is on the wire, before it is lost', async () => {
    const [sender, second] = [await startSender(ledger, 's1'), await startSender(other, 's2')];
    const before = await writtenUntilNow(redis);
    await pass(2 * LANDMARKS.tooFarMs);
    const [mine] = await sender.claim({ any: 1 });
    const [theirs] = await second.claim({ any: 1 });
    if (!mine || !theirs) throw new Error('each was to claim one');
    await sender.begin(mine);
    await before.comeBack();
    await Promise.all([lost(ledger), lost(other)]);
    await ledger.confirmLedgerLoss();
    await waitUntil('the other goes on', () => other.now(), { timeoutMs: 5_000 });
    expect(await sender.deliver(mine)).toBe('Ok');
    expect((await second.claim({ any: 9 })).map(({ key }) => key.row)).not.toContain(mine.key.row);
    expect(await countsOf(ledger)).toMatchObject({ delivered: 1, total: 4 });
  });

  it('goes on by itself when its newest state is brought back', async () => {
    const before = await writtenUntilNow(redis);
    await pass(2 * LANDMARKS.tooFarMs);
    const newest = Promise.withResolvers<WrittenUntil>();
    await before.comeBack({ whileAway: async () => newest.resolve(await writtenUntilNow(redis)) });
    await Promise.all([lost(ledger), lost(other)]);
    await pass(2 * LANDMARKS.tooFarMs);
    await (await newest.promise).comeBack();
    const sender = await waitUntil('the ledger answers', () => startSender(ledger, 's1'), {
      timeoutMs: 20_000,
    });
    expect(await sender.claim({ any: 9 })).toHaveLength(4);
    await expect(other.now()).resolves.toBeGreaterThan(0);
  });
});

describe('a Redis Cluster of which one node came back with an old state', { timeout: 60_000 }, () => {
  it('stops every process, whichever node it was', async () => {
    const cluster = await startRedisCluster(3);
    onTestFinished(() => cluster.stop());
    for (const node of cluster.nodes) {
      const prefix = newPrefix();
      const open = async () => {
        const ledger = await openRedisLedger({ url: cluster.url, prefix, landmarkTimes: LANDMARKS });
        onTestFinished(() => ledger.close());
        return ledger;
      };
      const [ledger, other] = [await open(), await open()];
      const areMarked = async () => {
        await ledger.now();
        const ask = `KEYS ${prefix}{w:*}:landmarks`;
        const held = await Promise.all(cluster.nodes.map(({ port }) => askRedis(port, ask)));
        return held.every((keys) => keys.includes('landmarks'));
      };
      await waitUntil('every node has landmarks', areMarked, { timeoutMs: 20_000 });
      await pass(2 * LANDMARKS.tooFarMs);
      const before = await writtenUntilNow(node);
      await pass(2 * LANDMARKS.tooFarMs);
      await before.comeBack();
      expect((await lost(ledger)).message).toContain('went back in time');
      await lost(other);
      await ledger.confirmLedgerLoss();
      await waitUntil('the other goes on', () => other.now(), { timeoutMs: 10_000 });
    }
  });
});

/** Why calls are refused, once they are. */
async function lost(who: RedisLedger): Promise<Error> {
  const told = { error: new Error('not yet') };
  await waitUntil(
    'the loss is noticed',
    () =>
      who.now().then(
        () => false,
        (error: Error) => (told.error = error) instanceof LedgerLost,
      ),
    { timeoutMs: 20_000, intervalMs: 20 },
  );
  return told.error;
}

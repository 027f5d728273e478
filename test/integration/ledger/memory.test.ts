import { describe, expect, it } from 'vitest';
import { LedgerAbsent, LedgerLost } from '../../../controller/domain/ports/ledger.ts';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { aPlan } from '../../builders/plan.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { POOL } from '../../contract/pool-fixture.ts';
import { newPrefix, useRedis } from './redis-under-test.ts';

const redis = useRedis();

/** A ledger with a plan, closed; and what a process would remember of it. */
async function usedLedger() {
  const prefix = newPrefix();
  const remembered: string[] = [];
  const first = await redis.open({ prefix, remember: async ([id]) => void remembered.push(id) });
  await first.plans.publish(aPlan());
  await first.close();
  const [id = ''] = remembered;
  return { prefix, id, wipe: () => wipe(prefix) };
}

/** As FLUSHALL, for this ledger only. */
async function wipe(prefix: string): Promise<void> {
  const keys = await redis.admin.keys(`${prefix}*`);
  expect(keys.length).toBeGreaterThan(0);
  await redis.admin.del(keys);
}

const isGoing = (ledger: { now(): Promise<number> }) =>
  ledger.now().then(
    () => true,
    () => false,
  );

describe('a process that is started on an emptied Redis', () => {
  it('finds its ledger lost, writes nothing, and names what to do', async () => {
    const { prefix, id, wipe: empty } = await usedLedger();
    await empty();
    const ledger = await redis.open({ prefix, expected: [id] });
    await expect(ledger.plans.publish(aPlan())).rejects.toThrow(LedgerLost);
    await expect(ledger.now()).rejects.toThrow(`mailers ledger confirm --lost ${id}`);
    expect(await ledger.health()).toMatchObject({ reason: 'LedgerLost' });
    expect(ledger.id).toBe(id);
    expect(await redis.admin.keys(`${prefix}*`)).toEqual([]);
    await ledger.close();
  });

  it('goes on when a person has confirmed, and when the ledger is back', async () => {
    const { prefix, id, wipe: empty } = await usedLedger();
    await empty();
    const [confirming, waiting] = [
      await redis.open({ prefix, expected: [id] }),
      await redis.open({ prefix, expected: [id] }),
    ];
    await confirming.confirmLedgerLoss();
    await waitUntil('the other goes on', () => isGoing(waiting), { timeoutMs: 5_000 });
    expect(waiting.id).toBe(confirming.id);
    expect(waiting.replaces).toContain(id);
    await Promise.all([confirming.close(), waiting.close()]);
    const restored = await redis.open({ prefix, expected: ['of-the-backup'] });
    expect(await isGoing(restored)).toBe(false);
    await redis.admin.hset(`${prefix}ledger`, 'id', 'of-the-backup');
    await waitUntil('the restored ledger is used', () => isGoing(restored), { timeoutMs: 5_000 });
    await restored.close();
  });

  it('accepts the ledger that a person let take its place while it was away', async () => {
    const { prefix, id, wipe: empty } = await usedLedger();
    await empty();
    const confirming = await redis.open({ prefix, expected: [id] });
    await confirming.confirmLedgerLoss(id);
    await confirming.close();
    const remembered: string[] = [];
    const later = await redis.open({
      prefix,
      expected: [id],
      remember: async ([now]) => void remembered.push(now),
    });
    expect(await isGoing(later)).toBe(true);
    expect(remembered).toEqual([later.id]);
    expect(later.id).not.toBe(id);
    await later.close();
  });

  it('does not take a stranger in its place for its own, until that is confirmed', async () => {
    const { prefix, id, wipe: empty } = await usedLedger();
    await empty();
    const stranger = await redis.open({ prefix });
    const ours = await redis.open({ prefix, expected: [id] });
    await expect(ours.now()).rejects.toThrow(`${id} is gone, ${stranger.id} is in its place`);
    await ours.confirmLedgerLoss();
    expect(ours.replaces).toEqual(expect.arrayContaining([id, stranger.id]));
    await waitUntil(
      'the stranger goes on with it',
      async () => (await isGoing(stranger)) && stranger.id === ours.id,
      {
        timeoutMs: 5_000,
      },
    );
    await Promise.all([stranger.close(), ours.close()]);
  });

  it('makes one ledger together with all others that know of none', async () => {
    const prefix = newPrefix();
    const made: string[] = [];
    const ledgers = await Promise.all(
      Array.from({ length: 8 }, () =>
        redis.open({
          prefix,
          remember: async ([id], origin) => void (origin === 'Created' && made.push(id)),
        }),
      ),
    );
    expect(new Set(ledgers.map(({ id }) => id))).toEqual(new Set(made));
    expect(made).toHaveLength(1);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('makes one ledger of a loss that several confirm', async () => {
    const { prefix, id, wipe: empty } = await usedLedger();
    await empty();
    const ledgers = await Promise.all(
      Array.from({ length: 4 }, () => redis.open({ prefix, expected: [id] })),
    );
    await Promise.all(ledgers.map((ledger) => ledger.confirmLedgerLoss()));
    for (const ledger of ledgers) await waitUntil('it goes on', () => isGoing(ledger), { timeoutMs: 5_000 });
    expect(new Set(ledgers.map((ledger) => ledger.id)).size).toBe(1);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('makes none where it may not', async () => {
    const prefix = newPrefix();
    await expect(redis.open({ prefix, ifEmpty: 'Refuse' })).rejects.toThrow(LedgerAbsent);
    expect(await redis.admin.keys(`${prefix}*`)).toEqual([]);
  });
});

describe('a ledger that is lost again', () => {
  it('is still known to who knew only the first: the chain survives, though Redis has forgotten it', async () => {
    const { prefix, id, wipe: empty } = await usedLedger();
    const lost = [id];
    for (const _ of [1, 2]) {
      await empty();
      // Only the latest id is named, as a message does.
      const confirming = await redis.open({ prefix, expected: [lost[0] ?? ''] });
      await confirming.confirmLedgerLoss();
      const { id: latest } = confirming;
      await confirming.close();
      // Who remembers the chain tells it.
      const [first = '', ...others] = lost;
      await (await redis.open({ prefix, expected: [first, ...others] })).close();
      lost.unshift(latest);
    }
    const old = await redis.open({ prefix, expected: [id] });
    expect(await isGoing(old)).toBe(true);
    expect(old.replaces).toEqual(lost.slice(1));
    await old.close();
  });
});

describe('a part of a ledger that is gone', () => {
  it('is confirmed by the name of the ledger that is still there', async () => {
    const { prefix, id } = await usedLedger();
    const ledger = await redis.open({ prefix });
    await ledger.plans.revision(POOL);
    const confirming = await openRedisLedger({ url: redis.server.url, prefix, expected: [id] });
    await confirming.confirmLedgerLoss(id);
    expect(confirming.replaces).toEqual([id]);
    await waitUntil('the other has followed', async () => (await isGoing(ledger)) && ledger.id !== id, {
      timeoutMs: 5_000,
    });
    await Promise.all([ledger.close(), confirming.close()]);
  });
});

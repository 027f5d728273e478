import { describe, expect, it, onTestFinished } from 'vitest';
import { aPlan } from '../../builders/plan.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { senderWorld } from './sender-world.ts';

const SOON = { timeoutMs: 20_000, intervalMs: 20 };

describe('a sender whose Redis is full', () => {
  it('says once that nothing is sent, and once that it goes on', { timeout: 60_000 }, async () => {
    const world = await senderWorld();
    onTestFinished(() => world.end());
    const { port } = world.redis;
    await world.start(aPlan({ mailboxes: [world.mailbox({ minIntervalMs: 50 })], esps: [] }), 30);
    await waitUntil('it sends', async () => ((await world.counts())?.delivered ?? 0) > 0, SOON);
    await askRedis(port, 'CONFIG SET maxmemory 1');
    const refusals = async () =>
      Number(/errorstat_OOM:count=(\d+)/.exec(await askRedis(port, 'INFO errorstats'))?.[1] ?? 0);
    // What only reads is answered meanwhile, every 200 ms by the look for a new plan.
    const others = await refusals();
    await waitUntil('many writes are refused', async () => (await refusals()) > others + 30, SOON);
    await askRedis(port, 'CONFIG SET maxmemory 0');
    await waitUntil('all is sent', async () => (await world.counts())?.delivered === 30, SOON);
    const told = () => world.log.map(({ msg }) => msg).filter((message) => message.startsWith('Ledger'));
    await waitUntil('it has said so', () => told().length >= 2, SOON);
    expect(told()).toEqual([
      'Ledger cannot be used; nothing is sent until it can',
      'Ledger can be used again',
    ]);
    await world.expectInvariants();
  });
});

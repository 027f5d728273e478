import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Keys } from '../../../controller/ledger/keys.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { POOL, type Fleet } from '../../fleet/fleet.ts';
import { aFleet, expectKept, mailOf, untilDone } from './a-fleet.ts';

const MAILBOXES = ['anna', 'ben', 'cleo', 'dora'];

/** Senders' ids with the number of lanes that each holds. */
async function lanesBySender(redis: Redis): Promise<Map<string, number>> {
  const { '#fence': _, ...lanes } = await redis.hgetall(new Keys('mailers:').pool(POOL).lanes);
  const owners = Object.values(lanes).map((lane) => lane.split('\t')[0] ?? '');
  return new Map([...Map.groupBy(owners, (owner) => owner)].map(([owner, all]) => [owner, all.length]));
}

function redisOf(fleet: Fleet): Redis {
  const redis = new Redis(fleet.redis.url);
  onTestFinished(() => redis.disconnect());
  return redis;
}

describe('two senders of a pool', () => {
  it('share its lanes, and one takes them all when the other is killed', async () => {
    const fleet = await aFleet({ mailboxes: MAILBOXES, recipients: 40 });
    const redis = redisOf(fleet);
    const first = fleet.startSender();
    fleet.startSender();
    await waitUntil(
      'each has two lanes',
      async () => [...(await lanesBySender(redis)).values()].join() === '2,2',
      { timeoutMs: 20_000 },
    );
    await first.kill9();
    await waitUntil(
      'the other one has all four',
      async () => [...(await lanesBySender(redis)).values()].join() === '4',
      { timeoutMs: 15_000 },
    );
    await untilDone(fleet);
    await expectKept(fleet);
  });

  it('are two senders even when they have the same identity', async () => {
    const fleet = await aFleet({ mailboxes: MAILBOXES, recipients: 400 });
    const redis = redisOf(fleet);
    fleet.startSender('twin');
    fleet.startSender('twin');
    const senders = await waitUntil(
      'both hold lanes',
      async () => {
        const owners = [...(await lanesBySender(redis)).keys()];
        return owners.length === 2 ? owners : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(senders.every((sender) => sender.startsWith('twin-'))).toBe(true);
    expect(await untilDone(fleet)).toMatchObject({ delivered: 400, uncertain: 0 });
    expect(new Set(mailOf(fleet).map(({ messageId }) => messageId)).size).toBe(400);
    expect(mailOf(fleet)).toHaveLength(400);
    await expectKept(fleet);
  });
});

import clusterSlot from 'cluster-key-slot';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LedgerLost } from '../../../controller/domain/ports/ledger.ts';
import { EARNED_LIST } from '../../../controller/domain/ports/suppression-ledger.ts';
import type { LedgerIds } from '../../../controller/ledger/identity.ts';
import {
  openRedisLedger,
  type RedisLedger,
  type RedisLedgerOptions,
} from '../../../controller/ledger/redis-ledger.ts';
import { aPlan } from '../../builders/plan.ts';
import { aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { openPool, startSender } from '../../contract/pool-fixture.ts';
import { moveSlot, startRedisCluster, type RedisCluster } from '../../redis/redis-cluster.ts';
import { askRedis } from '../../redis/redis-program.ts';
import type { RedisServer } from '../../redis/redis-server.ts';
import { newPrefix } from './redis-under-test.ts';

const ANNA = { addresses: ['anna@example.net'], domains: ['example.net'] };
const OPT_OUT = {
  list: EARNED_LIST,
  keys: ANNA,
  reason: 'Unsubscribed',
  address: 'anna@example.net',
} as const;

let started: RedisCluster | undefined;
beforeAll(async () => {
  started = await startRedisCluster(3);
});
afterAll(async () => {
  await started?.stop();
});

function cluster(): RedisCluster {
  if (started === undefined) throw new Error('the Redis Cluster is only there while tests run');
  return started;
}

async function open(
  options: Partial<RedisLedgerOptions> & { readonly prefix: string },
): Promise<RedisLedger> {
  const ledger = await openRedisLedger({ url: cluster().url, ackDelayMs: 0, ...options });
  onTestFinished(() => ledger.close());
  return ledger;
}

/** A client of one node, which does not follow to another. */
function clientOf(node: RedisServer): Redis {
  const client = new Redis(node.url);
  onTestFinished(() => client.disconnect());
  return client;
}

/** What the node holds of a ledger. */
function keysOn(node: RedisServer, prefix: string): Promise<string[]> {
  return clientOf(node).keys(`${prefix}*`);
}

const isWitness = (key: string): boolean => key.endsWith(':witness');

async function identityOf(prefix: string): Promise<Record<string, string>> {
  const answers = cluster().nodes.map((node) =>
    clientOf(node)
      .hgetall(`${prefix}ledger`)
      .catch((): Record<string, string> => ({})),
  );
  return (await Promise.all(answers)).find((fields) => 'id' in fields) ?? {};
}

/** Waits until each of these nodes holds a witness which must be there. */
async function untilWitnessed(ledger: RedisLedger, prefix: string, nodes = cluster().nodes): Promise<void> {
  const hold = async () => {
    await ledger.now();
    const { id = '', witnesses = '' } = await identityOf(prefix);
    const [owner, ...numbers] = witnesses.split(' ');
    if (owner !== id) return false;
    const keys = await Promise.all(nodes.map((node) => keysOn(node, prefix)));
    return keys.every((held) => numbers.some((number) => held.includes(`${prefix}{w:${number}}:witness`)));
  };
  await waitUntil('every node holds a witness', hold, { timeoutMs: 20_000, intervalMs: 100 });
}

/** Every kind of work that a process may begin with. */
async function expectLost(ledger: RedisLedger): Promise<void> {
  await expect(ledger.now()).rejects.toThrow(LedgerLost);
  await expect(ledger.suppression.check('mail', [EARNED_LIST], [ANNA])).rejects.toThrow(LedgerLost);
  await expect(
    ledger.suppression.publish('mail', 'blocked', { revision: '1', addresses: [], domains: [] }),
  ).rejects.toThrow(LedgerLost);
  await expect(ledger.plans.publish(aPlan())).rejects.toThrow(LedgerLost);
  await expect(ledger.quota.reserve(aReserveRequest())).rejects.toThrow(LedgerLost);
  await expect(startSender(ledger, 'fresh')).rejects.toThrow(LedgerLost);
  await expect(ledger.health()).resolves.toMatchObject({
    reason: 'LedgerLost',
    message: expect.stringMatching(/confirm --lost/) as string,
  });
}

function isLost(ledger: RedisLedger): Promise<boolean> {
  return ledger.now().then(
    () => false,
    (error: unknown) => error instanceof LedgerLost,
  );
}

describe('a Redis Cluster of which one node lost its keys', { timeout: 120_000 }, () => {
  it('is not sent from, whichever node it was, by a process that begins after that or was idle, until a person confirms', async () => {
    const prefix = newPrefix();
    let expected: LedgerIds | undefined;
    for (const node of cluster().nodes) {
      const idle = await open({ prefix, expected });
      const busy = await open({ prefix });
      await busy.suppression.add('mail', OPT_OUT);
      await openPool(busy, 3);
      await untilWitnessed(idle, prefix);
      await busy.close();
      await askRedis(node.port, 'FLUSHALL');

      const fresh = await open({ prefix, expected: [idle.id] });
      await expectLost(fresh);
      await waitUntil('the idle one notices', () => isLost(idle), { timeoutMs: 5_000, intervalMs: 50 });
      await expectLost(idle);
      await fresh.confirmLedgerLoss();
      await waitUntil('the idle one goes on', () => idle.now(), { timeoutMs: 5_000, intervalMs: 50 });
      await openPool(idle, 3);
      expect(idle.id).toBe(fresh.id);
      expected = [idle.id];
      await Promise.all([idle.close(), fresh.close()]);
    }
  });

  it('is noticed, too, when the slot of its witness had moved to another node', async () => {
    const prefix = newPrefix();
    const ledger = await open({ prefix });
    await untilWitnessed(ledger, prefix);
    const [from, to] = cluster().nodes;
    if (from === undefined || to === undefined) throw new Error('there are too few nodes');
    const witnesses = (await keysOn(from, prefix)).filter(isWitness);
    expect(witnesses).toHaveLength(1);
    const slot = clusterSlot(witnesses[0] ?? '');
    await moveSlot(cluster(), slot, { from, to });
    onTestFinished(() => moveSlot(cluster(), slot, { from: to, to: from }));
    expect((await keysOn(from, prefix)).filter(isWitness)).toEqual([]);
    await untilWitnessed(ledger, prefix);
    await ledger.close();
    await (await open({ prefix, expected: [ledger.id] })).now();
    await askRedis(from.port, 'FLUSHALL');
    await expectLost(await open({ prefix, expected: [ledger.id] }));
  });

  it('has witnesses also when an older program made the ledger, which had none', async () => {
    const prefix = newPrefix();
    const older = await open({ prefix });
    await older.suppression.add('mail', OPT_OUT);
    await older.close();
    for (const node of cluster().nodes) {
      const client = clientOf(node);
      const keys = await client.keys(`${prefix}*`);
      await Promise.all(keys.filter(isWitness).map((key) => client.del(key)));
      if (keys.includes(`${prefix}ledger`)) await client.hdel(`${prefix}ledger`, 'witnesses');
    }
    const newer = await open({ prefix, expected: [older.id] });
    expect(await newer.suppression.check('mail', [EARNED_LIST], [ANNA])).toMatchObject([{ kind: 'Earned' }]);
    await untilWitnessed(newer, prefix);
  });
});

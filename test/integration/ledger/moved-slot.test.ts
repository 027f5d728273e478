import clusterSlot from 'cluster-key-slot';
import { Cluster } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LedgerUnavailable } from '../../../controller/domain/ports/ledger.ts';
import { clientFor } from '../../../controller/ledger/connection.ts';
import { loadScripts, ScriptRunner } from '../../../controller/ledger/scripts.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { moveSlot, startRedisCluster } from '../../redis/redis-cluster.ts';

/** A cluster, two of its nodes, and keys of slots of the first one that are asked for in one turn. */
async function aCluster() {
  const cluster = await startRedisCluster(3);
  onTestFinished(() => cluster.stop());
  const client = clientFor(cluster.url, { random: Math.random });
  onTestFinished(() => client.disconnect());
  await client.connect();
  const runner = new ScriptRunner(client, loadScripts());
  const look = (key: string) => runner.run('ledger-look', [key], []);
  const [from, to] = cluster.nodes;
  if (from === undefined || to === undefined || !(client instanceof Cluster))
    throw new Error('there is no cluster');
  const names = Array.from({ length: 100 }, (_, index) => `{${index}}`);
  const [moved = '', stays = ''] = names.filter((name) => clusterSlot(name) < 16_384 / 3);
  const together = () => Promise.all([look(moved), look(stays)]);
  return { cluster, from, to, look, moved, together };
}

describe('a slot that moved to another node', () => {
  it('is found there, also when calls to what stayed go out together with those to it', async () => {
    const { cluster, from, to, moved, together } = await aCluster();
    await together();
    await moveSlot(cluster, clusterSlot(moved), { from, to });
    const answers = await waitUntil('both answer', () => together().catch(() => undefined), {
      timeoutMs: 10_000,
      intervalMs: 50,
    });
    expect(answers).toHaveLength(2);
  });

  it('is found there while it moves, and calls that go out together with others wait', async () => {
    const { cluster, from, to, look, moved, together } = await aCluster();
    await together();
    const halfWay = async () => {
      expect(await Promise.all([look(moved), look(moved)])).toHaveLength(2);
      await expect(together()).rejects.toThrow(LedgerUnavailable);
    };
    await moveSlot(cluster, clusterSlot(moved), { from, to, halfWay });
  });
});

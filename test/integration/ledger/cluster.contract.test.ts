import { afterAll, beforeAll } from 'vitest';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { describeLedger } from '../../contract/ledger.contract.ts';
import { startRedisCluster, type RedisCluster } from '../../redis/redis-cluster.ts';
import { newPrefix } from './redis-under-test.ts';

let cluster: RedisCluster | undefined;
beforeAll(async () => {
  cluster = await startRedisCluster(3);
});
afterAll(async () => {
  await cluster?.stop();
});

/** The server's own clock: what runs here is what runs in production. */
describeLedger('ledger in a Redis Cluster', async () => {
  const ledger = await openRedisLedger({
    url: cluster?.url ?? '',
    prefix: newPrefix(),
    commandTimeoutMs: 20_000,
  });
  return { ledger, teardown: () => ledger.close() };
});

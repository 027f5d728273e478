import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { startRedisCluster } from '../../redis/redis-cluster.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { startSentinelTrio } from '../../redis/redis-sentinel.ts';
import { startRedis } from '../../redis/redis-server.ts';
import { logInWithLeastRights } from './access.ts';
import { useRedis } from './redis-under-test.ts';

const redis = useRedis({ appendfsync: 'everysec' });

describe('the health of the ledger', () => {
  const healthWith = async (setting: string, value: string, options = {}) => {
    const [, before = ''] = await redis.admin.config('GET', setting);
    await redis.admin.config('SET', setting, value);
    try {
      const ledger = await redis.open(options);
      const health = await ledger.health();
      await ledger.close();
      return health;
    } finally {
      await redis.admin.config('SET', setting, before);
    }
  };

  it('is good with an append-only file and without eviction', async () => {
    expect(await healthWith('appendonly', 'yes')).toMatchObject({ reason: 'LedgerDurable' });
  });

  it('is bad without an append-only file, and names the setting', async () => {
    const health = await healthWith('appendonly', 'no');
    expect(health.reason).toBe('LedgerNotDurable');
    expect(health.message).toContain('set appendonly to yes');
  });

  it('is bad when keys may be evicted, and names the setting', async () => {
    const health = await healthWith('maxmemory-policy', 'allkeys-lru');
    expect(health.reason).toBe('LedgerEvicts');
    expect(health.message).toContain('set maxmemory-policy to noeviction');
  });

  it('names what everysec can lose', async () => {
    const health = await healthWith('appendfsync', 'everysec');
    expect(health).toMatchObject({ reason: 'LedgerDurable' });
    expect(health.message).toContain('up to about 2 s of acknowledged writes');
    expect((await healthWith('appendfsync', 'always')).message).toContain('synced before every answer');
    expect(await healthWith('appendfsync', 'no')).toMatchObject({ reason: 'LedgerNotDurable' });
  });

  it('is bad while demanded replicas are missing or not waited for', async () => {
    const minReplicas = 1;
    expect((await healthWith('appendonly', 'yes', { minReplicas })).message).toContain('0 of 1');
    const replica = await startRedis({ replicaof: `127.0.0.1 ${redis.server.port}` });
    const isConnected = async () => (await redis.admin.info('replication')).includes('state=online');
    await waitUntil('the replica is connected', isConnected, { timeoutMs: 20_000 });
    expect((await healthWith('min-replicas-to-write', '0', { minReplicas })).message).toContain(
      'set min-replicas-to-write to 1',
    );
    expect(await healthWith('min-replicas-to-write', '1', { minReplicas })).toMatchObject({
      reason: 'LedgerDurable',
      message: expect.stringContaining('1 replica'),
    });
    await replica.stop();
  });

  it('cannot be checked by a user who may ask for nothing, and says so', async () => {
    const url = await logInWithLeastRights(redis.admin, redis.server.port);
    await redis.admin.call('ACL', 'SETUSER', 'mailers', '-config|get', '-info');
    const health = await healthWith('appendonly', 'yes', { url });
    expect(health).toMatchObject({ reason: 'LedgerNotDurable' });
    expect(health.message).toMatch(/cannot be checked.*\+config\|get \+info/);
  });

  it('is told by INFO where the user may not read the configuration', async () => {
    const url = await logInWithLeastRights(redis.admin, redis.server.port);
    await redis.admin.call('ACL', 'SETUSER', 'mailers', '-config|get');
    expect(await healthWith('appendonly', 'no', { url })).toMatchObject({ reason: 'LedgerNotDurable' });
    expect(await healthWith('maxmemory-policy', 'volatile-ttl', { url })).toMatchObject({
      reason: 'LedgerEvicts',
    });
  });
});

describe('the health of a ledger on several servers', () => {
  it('is that of the worst node of a cluster, by name', async () => {
    const cluster = await startRedisCluster(3);
    const ledger = await openRedisLedger({ url: cluster.url, prefix: 'test:' });
    const [, second] = cluster.nodes;
    for (const { port } of cluster.nodes) await askRedis(port, 'CONFIG SET appendfsync everysec');
    expect(await ledger.health()).toMatchObject({ reason: 'LedgerDurable' });
    await askRedis(second?.port ?? 0, 'CONFIG SET maxmemory-policy volatile-lru');
    const health = await ledger.health();
    expect(health).toMatchObject({ reason: 'LedgerEvicts' });
    expect(health.message).toContain(`127.0.0.1:${second?.port}: `);
    await ledger.close();
    await cluster.stop();
  });

  it('is that of the primary behind Sentinels, with its replicas', async () => {
    const trio = await startSentinelTrio();
    const ledger = await openRedisLedger({ url: trio.url, prefix: 'test:', minReplicas: 1 });
    for (const setting of ['appendfsync always', 'min-replicas-to-write 1'])
      await askRedis(trio.primary.port, `CONFIG SET ${setting}`);
    expect(await ledger.health()).toMatchObject({ reason: 'LedgerDurable' });
    await trio.replica.kill9();
    await waitUntil(
      'the missing replica is told',
      async () => (await ledger.health()).message.includes('0 of 1'),
      {
        timeoutMs: 20_000,
      },
    );
    await ledger.close();
    await trio.stop();
  });
});

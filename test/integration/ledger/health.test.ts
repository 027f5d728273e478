import { describe, expect, it } from 'vitest';
import { logInWithLeastRights } from './access.ts';
import { useRedis } from './redis-under-test.ts';

const redis = useRedis();

describe('the health of the ledger', () => {
  const healthWith = async (setting: string, value: string, options = {}) => {
    const [, before = ''] = await redis.admin.config('GET', setting);
    await redis.admin.config('SET', setting, value);
    const ledger = await redis.open(options);
    const health = await ledger.health();
    await ledger.close();
    await redis.admin.config('SET', setting, before);
    return health;
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

  it('is told by INFO where the user may not read the configuration', async () => {
    const url = await logInWithLeastRights(redis.admin, redis.server.port);
    await redis.admin.call('ACL', 'SETUSER', 'mailers', '-config|get');
    expect(await healthWith('appendonly', 'no', { url })).toMatchObject({ reason: 'LedgerNotDurable' });
    expect(await healthWith('maxmemory-policy', 'volatile-ttl', { url })).toMatchObject({
      reason: 'LedgerEvicts',
    });
  });
});

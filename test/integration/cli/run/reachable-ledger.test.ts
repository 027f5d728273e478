import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { openWhenReachable } from '../../../../controller/cli/run/reachable-ledger.ts';
import { waitUntil } from '../../../cluster/process/wait-until.ts';
import { askRedis } from '../../../redis/redis-program.ts';
import { startRedis } from '../../../redis/redis-server.ts';

describe('a pod that starts before its ledger is made', () => {
  it('says once why it waits, however often it looks', async () => {
    const redis = await startRedis();
    const said: unknown[] = [];
    const write = (line: string): void => void said.push(JSON.parse(line));
    const stopping = new AbortController();
    const options = { url: redis.url, prefix: 't:', ifEmpty: 'Refuse' } as const;
    const opened = openWhenReachable(options, pino({}, { write }), stopping.signal);
    const looks = async () => {
      const told = await askRedis(redis.port, 'INFO commandstats');
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(told)?.[1] ?? 0);
    };
    await waitUntil('it looks three times', async () => (await looks()) >= 3, { timeoutMs: 20_000 });
    stopping.abort();
    expect(await opened).toBeUndefined();
    expect(said).toEqual([
      expect.objectContaining({ err: expect.objectContaining({ type: 'LedgerAbsent' }) as unknown }),
    ]);
    await redis.stop();
  });
});

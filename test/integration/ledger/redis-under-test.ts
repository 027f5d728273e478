import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import {
  openRedisLedger,
  type RedisLedger,
  type RedisLedgerOptions,
} from '../../../controller/ledger/redis-ledger.ts';
import { startRedis, type RedisServer, type RedisSettings } from '../../redis/redis-server.ts';

/** One Redis for all tests of a file. Call it at the top of the file. */
export function useRedis(settings: RedisSettings = {}) {
  let server: RedisServer | undefined;
  beforeAll(async () => {
    server = await startRedis(settings);
  });
  afterAll(async () => {
    await server?.stop();
  });
  const running = (): RedisServer => {
    if (server === undefined) throw new Error('Redis is only there while tests run.');
    return server;
  };
  return {
    get server() {
      return running();
    },
    /** A ledger of its own, by a prefix of its own. */
    open: (options: Partial<RedisLedgerOptions> = {}): Promise<RedisLedger> =>
      openRedisLedger({ url: running().url, prefix: `${randomUUID()}:`, ...options }),
  };
}

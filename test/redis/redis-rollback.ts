import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisServer } from './redis-server.ts';

/** What a Redis had written at one time. */
export interface WrittenUntil {
  /** Kills the server and starts it again with no more than it had written then: as if the writes since had not reached its disk. */
  comeBack(options?: { readonly whileAway?: () => Promise<void> }): Promise<void>;
}

/** Copies the append-only files of a Redis, running or not: the beginning of its log, up to now. */
export async function writtenUntilNow(redis: RedisServer): Promise<WrittenUntil> {
  const files = join(redis.dir, 'appendonlydir');
  const copy = await mkdtemp(join(redis.dir, 'written-until-'));
  await cp(files, copy, { recursive: true });
  return {
    comeBack: async ({ whileAway } = {}) => {
      await redis.kill9();
      await whileAway?.();
      await rm(files, { recursive: true });
      await rename(copy, files);
      await redis.restart();
    },
  };
}

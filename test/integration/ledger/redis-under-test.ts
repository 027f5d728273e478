import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import {
  openRedisLedger,
  type RedisLedger,
  type RedisLedgerOptions,
} from '../../../controller/ledger/redis-ledger.ts';
import type { LedgerUnderTest } from '../../contract/ledger-setup.ts';
import { startRedis, type RedisServer, type RedisSettings } from '../../redis/redis-server.ts';

/** A machine that runs many tests at once may take its time. */
const PATIENT = { commandTimeoutMs: 20_000 };

/** One Redis for all tests of a file. Call it at the top of the file. */
export function useRedis(settings: RedisSettings = {}) {
  let server: RedisServer | undefined;
  let admin: Redis | undefined;
  beforeAll(async () => {
    server = await startRedis(settings);
    admin = new Redis(server.url);
    admin.on('error', () => undefined);
  });
  afterAll(async () => {
    admin?.disconnect();
    await server?.stop();
  });
  return {
    get server(): RedisServer {
      return started(server);
    },
    /** A plain client, to look behind the ledger. */
    get admin(): Redis {
      return started(admin);
    },
    /** A ledger of its own, by a prefix of its own. */
    open: (options: Partial<RedisLedgerOptions> = {}): Promise<RedisLedger> =>
      openRedisLedger({ url: started(server).url, ...PATIENT, prefix: newPrefix(), ...options }),
    /** A ledger of its own whose clock only `advance` moves; a sleeper wakes when its time has come. */
    openStill: (options: Partial<RedisLedgerOptions> = {}): Promise<StillLedger> =>
      openStill(started(admin), { url: started(server).url, ...options }),
  };
}

/** A prefix that no other test has. */
export function newPrefix(): string {
  return `test-${randomUUID()}:`;
}

/** A ledger whose own clock and the machine's can be moved apart: as if somebody set the clock of the server. */
export interface StillLedger extends LedgerUnderTest {
  readonly ledger: RedisLedger;
  /** Time passes, for the server and for us. */
  advance(ms: number): Promise<void>;
  /** The server's clock. */
  nowMs(): number;
  /** The server's clock jumps; no time passes. */
  jump(ms: number): Promise<void>;
}

async function openStill(admin: Redis, options: Omit<RedisLedgerOptions, 'prefix'>): Promise<StillLedger> {
  const prefix = newPrefix();
  const clockKey = `${prefix}clock`;
  let nowMs = 1_800_000_000_000;
  let jumpedMs = 0;
  const setClock = () => admin.set(clockKey, nowMs + jumpedMs);
  await setClock();
  const sleepers: { untilMs: number; wake: () => void }[] = [];
  const ledger = await openRedisLedger({
    ...PATIENT,
    ...options,
    prefix,
    clockScript: `local function now_ms() return tonumber(redis.call('GET', '${clockKey}')) end`,
    ownClocks: { monotonicMs: () => nowMs, uptimeSeconds: () => nowMs / 1_000 },
    clock: { sleep: (ms) => new Promise((wake) => sleepers.push({ untilMs: nowMs + ms, wake })) },
  });
  return {
    ledger,
    advance: async (ms) => {
      nowMs += ms;
      await setClock();
      for (const sleeper of sleepers) if (sleeper.untilMs <= nowMs) sleeper.wake();
    },
    nowMs: () => nowMs + jumpedMs,
    jump: async (ms) => {
      jumpedMs += ms;
      await setClock();
    },
    teardown: () => ledger.close(),
  };
}

function started<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error('Redis is only there while tests run.');
  return thing;
}

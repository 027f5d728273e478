import { uptime } from 'node:os';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lookAtLedger } from '../../../controller/ledger/ledger-look.ts';
import { migrateLedger, type MigrateParts } from '../../../controller/ledger/migrations/migrate.ts';
import type { Migration } from '../../../controller/ledger/migrations/migration.ts';
import { LEDGER_SCHEMA_VERSION } from '../../../controller/ledger/schema.ts';
import { loadScripts, ScriptRunner } from '../../../controller/ledger/scripts.ts';
import { SteadyClock } from '../../../controller/ledger/steady-clock.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { newPrefix, useRedis } from './redis-under-test.ts';

const redis = useRedis();
const BLOCKED = { addresses: ['b@example.net'], domains: ['example.net'] };

describe('a ledger of an older schema', () => {
  let prefix: string;
  let key: string;
  let clients: Redis[];

  beforeEach(async () => {
    prefix = newPrefix();
    key = `${prefix}ledger`;
    clients = [];
    const ledger = await redis.open({ prefix, ackDelayMs: 0 });
    const list = { revision: '1', addresses: BLOCKED.addresses, domains: [] };
    await ledger.suppression.publish('mail', 'blocked', list);
    await ledger.close();
  });
  afterEach(() => clients.forEach((client) => client.disconnect()));

  const identity = () => redis.admin.hgetall(key);
  /** What a process brings to a migration. */
  const aProcess = (): MigrateParts => {
    const client = new Redis(redis.server.url);
    clients.push(client);
    const runner = new ScriptRunner(client, loadScripts());
    const clock = new SteadyClock({ monotonicMs: () => performance.now(), uptimeSeconds: uptime });
    return { client, runner, key, prefix, look: () => lookAtLedger({ runner, clock, key }) };
  };
  const migrate = async (parts: MigrateParts, steps: readonly Migration[]) =>
    migrateLedger(await parts.look(), parts, steps);

  it('becomes one of this schema with its content, whoever of two comes first', async () => {
    const { id } = await identity();
    await redis.admin.hdel(key, 'schema');
    const two = await Promise.all([1, 2].map(() => redis.open({ prefix, ackDelayMs: 0 })));
    expect(two.map((ledger) => ledger.id)).toEqual([id, id]);
    expect((await identity())['schema']).toBe(String(LEDGER_SCHEMA_VERSION));
    expect(await two[0]?.suppression.check('mail', ['blocked'], [BLOCKED])).toMatchObject([
      { list: 'blocked' },
    ]);
    expect(await redis.admin.exists(`${key}:migrating`)).toBe(0);
    await Promise.all(two.map((ledger) => ledger.close()));
  });

  it('is taken up at the step where a process died, by another one', async () => {
    const ran: number[] = [];
    const step = (to: number, end: () => void = () => undefined): Migration => ({
      to,
      run: async () => {
        ran.push(to);
        end();
      },
    });
    const dies = () => {
      throw new Error('killed');
    };
    const last = LEDGER_SCHEMA_VERSION + 2;
    await expect(migrate(aProcess(), [step(last - 1), step(last, dies)])).rejects.toThrow('killed');
    expect(await identity()).toMatchObject({ schema: String(last), migratingFrom: String(last - 1) });
    await Promise.all([aProcess(), aProcess()].map((parts) => migrate(parts, [step(last - 1), step(last)])));
    expect(ran).toEqual([last - 1, last, last]);
    expect(await identity()).not.toHaveProperty('migratingFrom');
  });

  it('stops programs of the older schema, running or started, from when its migration begins', async () => {
    const running = await redis.open({ prefix, ackDelayMs: 0 });
    await redis.admin.hset(key, { schema: LEDGER_SCHEMA_VERSION + 1, migratingFrom: LEDGER_SCHEMA_VERSION });
    const said = () =>
      running.now().then(
        () => '',
        (error: Error) => error.message,
      );
    await waitUntil('it notices', async () => (await said()).includes('run a newer mailers'), {
      timeoutMs: 5_000,
    });
    await expect(redis.open({ prefix, ackDelayMs: 0 })).rejects.toThrow(/run a newer mailers/);
    await running.close();
  });
});

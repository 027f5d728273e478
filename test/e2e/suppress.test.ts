import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis } from '../redis/redis-program.ts';
import { writtenUntilNow } from '../redis/redis-rollback.ts';
import { standaloneWorld, type StandaloneWorld } from './standalone-world.ts';

/** Senders see an opt-out so soon after its write, ms: until then the command has not returned whatever it does. */
const SEEN_MS = 700;

let world: StandaloneWorld;

beforeEach(async () => {
  world = await standaloneWorld();
});
afterEach(() => world.end());

const isKnown = async (address: string): Promise<boolean> =>
  (await askRedis(world.redis.port, 'HVALS mailers:{s:default}:list:mailers-earned:log')).includes(address);

describe('mailers suppress add', () => {
  it('returns when Redis does not lose the opt-outs any more, and tells them again until then', async () => {
    const first = world.mailers('suppress', 'add', 'anna@shop.example');
    expect(await first.exited, first.output()).toBe(0);
    const before = await writtenUntilNow(world.redis);
    const command = world.mailers('suppress', 'add', 'bob@shop.example', 'carl@shop.example');
    for (const address of ['bob@shop.example', 'carl@shop.example'])
      await waitUntil(`${address} is written`, () => isKnown(address), { timeoutMs: 20_000, intervalMs: 20 });
    await pause(SEEN_MS);
    await before.comeBack();
    expect(await command.exited, command.output()).toBe(0);
    expect(command.output()).toContain('carl@shop.example is suppressed in namespace default');
    expect(await isKnown('bob@shop.example')).toBe(true);
    expect(await isKnown('carl@shop.example')).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import { LedgerUnavailable } from '../../../../controller/domain/ports/ledger.ts';
import { Continuity } from '../../../../controller/ledger/tail/continuity.ts';

/** A ledger on servers with these lives, a clock that only sleeping moves, and what was told. */
async function aLedger(options: { lives?: string[]; knownForMs?: number; mayReturn?: boolean } = {}) {
  const world = {
    lives: (options.lives ?? ['a']) as string[] | undefined,
    nowMs: 0,
    isAway: false,
    failures: 0,
    knownForMs: options.knownForMs,
    told: [] as string[],
  };
  const continuity = new Continuity({
    readLives: async () => {
      if (world.isAway) throw new LedgerUnavailable('away');
      return world.lives;
    },
    noteLives: async () => world.knownForMs,
    restate: async (lives) => {
      world.told.push(lives.join(' '));
      if (world.failures > 0) {
        world.failures -= 1;
        throw new LedgerUnavailable('away again');
      }
    },
    mayReturn: options.mayReturn ?? false,
    monotonicMs: () => world.nowMs,
    sleep: async (ms) => {
      // The short pauses of who asks for nothing pass beside the others.
      if (ms > 250) world.nowMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  await continuity.open();
  return { world, continuity };
}

describe('a ledger after a break of the connection', () => {
  it('makes nobody wait while there is none', async () => {
    const { continuity } = await aLedger();
    expect([continuity.restored(), continuity.settled()]).toEqual([undefined, undefined]);
  });

  it('is told nothing when it is on the same servers in the same lives', async () => {
    const { world, continuity } = await aLedger({ lives: ['a', 'b'] });
    world.lives = ['b'];
    continuity.broke();
    await continuity.settled();
    expect([world.told, world.nowMs, continuity.losses]).toEqual([[], 0, 0]);
  });

  it('is told before anything else, and hands nothing out for three seconds', async () => {
    const { world, continuity } = await aLedger();
    world.lives = ['b'];
    world.knownForMs = 0;
    continuity.broke();
    await continuity.restored();
    expect([world.told, continuity.losses]).toEqual([['a'], 1]);
    expect(continuity.restored()).toBeUndefined();
    await continuity.settled();
    expect(world.nowMs).toBe(3_000);
    expect(continuity.settled()).toBeUndefined();
  });

  it('waits only for what is left since the first one was back', async () => {
    const { world, continuity } = await aLedger();
    world.lives = ['b'];
    world.knownForMs = 2_200;
    continuity.broke();
    await continuity.settled();
    expect(world.nowMs).toBe(800);
  });

  it('is told again when it went away in between, of the same lives', async () => {
    const { world, continuity } = await aLedger();
    world.lives = ['b'];
    world.failures = 1;
    continuity.broke();
    await expect(continuity.restored()).rejects.toThrow('away again');
    await continuity.restored();
    expect(world.told).toEqual(['a', 'a']);
  });

  it('is told by a process, too, that asks for nothing', async () => {
    const { world, continuity } = await aLedger();
    world.isAway = true;
    continuity.broke();
    await new Promise((resolve) => setImmediate(resolve));
    world.isAway = false;
    world.lives = ['b'];
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(world.told).toEqual(['a']);
    continuity.close();
  });

  it('is always told when nobody may ask which life it is', async () => {
    const { world, continuity } = await aLedger();
    world.lives = undefined;
    continuity.broke();
    await continuity.settled();
    expect([world.told, world.nowMs]).toEqual([['a'], 3_000]);
  });

  it('makes everybody wait where a server may be written to again in its old life', async () => {
    const { world, continuity } = await aLedger({ mayReturn: true, knownForMs: 60_000 });
    await continuity.settled();
    expect(world.nowMs).toBe(6_000);
    continuity.broke();
    await continuity.settled();
    expect([world.told, world.nowMs]).toEqual([[], 12_000]);
    world.lives = ['b'];
    continuity.broke();
    await continuity.settled();
    expect([world.told, world.nowMs]).toEqual([['a'], 18_000]);
  });

  it('makes who opens it wait when others have just come back', async () => {
    const { world, continuity } = await aLedger({ knownForMs: 1_000 });
    await continuity.settled();
    expect([world.told, world.nowMs]).toEqual([[], 2_000]);
  });

  it('keeps for certain what was done before a time in which it lost nothing', async () => {
    const { world, continuity } = await aLedger();
    const looks: number[] = [];
    await continuity.kept(async () => {
      looks.push(world.nowMs);
      if (looks.length > 1) return;
      world.lives = ['b'];
      continuity.broke();
    });
    expect([looks, world.told]).toEqual([[2_500, 5_000], ['a']]);
  });

  it('promises nothing that it may have lost while it is away', async () => {
    const { world, continuity } = await aLedger();
    world.isAway = true;
    continuity.broke();
    await expect(continuity.kept(async () => undefined)).rejects.toThrow(LedgerUnavailable);
  });
});

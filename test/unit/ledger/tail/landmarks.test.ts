import { describe, expect, it } from 'vitest';
import type { FoundLedger } from '../../../../controller/ledger/ledger-look.ts';
import { Landmarks, LANDMARKS_KEPT_MS } from '../../../../controller/ledger/tail/landmarks.ts';

const FOUND: FoundLedger = {
  id: 'first',
  replaces: [],
  schema: 1,
  migratingFrom: undefined,
  witnesses: [],
  rewoundByMs: undefined,
};

/** A process that leaves a landmark a second and may miss eight; what the nodes hold can be set back. */
function aProcess(keys: readonly string[] = ['landmarks']) {
  const world = { nowMs: 0, found: FOUND, nodes: new Map<string, number>() };
  const landmarks = new Landmarks({
    times: { everyMs: 1_000, tooFarMs: 8_000 },
    monotonicMs: () => world.nowMs,
    look: async () => world.found,
    keysOf: () => keys,
    write: async (key, value) => world.nodes.set(key, value),
    read: async (key) => world.nodes.get(key),
  });
  const live = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      world.nowMs += 1_000;
      await landmarks.leave();
    }
  };
  return { world, landmarks, live };
}

describe('the landmarks of a process', () => {
  it('show that nothing is lost, or no more than can be told again', async () => {
    const { world, landmarks, live } = aProcess();
    expect(await landmarks.lostTooMuchMs()).toBe(0);
    await live(20);
    const before = new Map(world.nodes);
    await live(8);
    expect(await landmarks.lostTooMuchMs()).toBe(0);
    world.nodes = before;
    expect(await landmarks.lostTooMuchMs()).toBe(0);
  });

  it('show how far a ledger went back, also to before the process was there', async () => {
    const { world, landmarks, live } = aProcess();
    await live(20);
    const before = new Map(world.nodes);
    await live(9);
    world.nodes = before;
    expect(await landmarks.lostTooMuchMs()).toBe(9_000);
    world.nodes = new Map();
    expect(await landmarks.lostTooMuchMs()).toBe(28_000);
  });

  it('show it of each node by itself', async () => {
    const { world, landmarks, live } = aProcess(['landmarks', 'one', 'other']);
    await live(30);
    world.nodes.set('one', 5_000);
    expect(await landmarks.lostTooMuchMs()).toBe(24_000);
  });

  it('do not count the time in which the process stood still', async () => {
    const { world, landmarks, live } = aProcess();
    await live(20);
    const before = new Map(world.nodes);
    world.nowMs += 3_600_000;
    await live(1);
    world.nodes = before;
    expect(await landmarks.lostTooMuchMs()).toBe(0);
  });

  it('are not missed by who was away for longer than they are kept', async () => {
    const { world, landmarks, live } = aProcess();
    await live(20);
    world.nodes = new Map();
    world.nowMs += LANDMARKS_KEPT_MS;
    expect(await landmarks.lostTooMuchMs()).toBe(19_000);
    world.nowMs += 1;
    expect(await landmarks.lostTooMuchMs()).toBe(0);
  });

  it('are those of one ledger, and none are left in one that is lost', async () => {
    const { world, landmarks, live } = aProcess();
    await live(20);
    world.found = { ...FOUND, rewoundByMs: 9_000 };
    await live(20);
    expect([landmarks.ledgerId, world.nodes.get('landmarks')]).toEqual(['first', 19_000]);
    world.found = { ...FOUND, id: '' };
    await live(20);
    world.nodes = new Map();
    expect(await landmarks.lostTooMuchMs()).toBe(0);
    world.found = { ...FOUND, id: 'second' };
    await live(20);
    expect(landmarks.ledgerId).toBe('second');
    expect(await landmarks.lostTooMuchMs()).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import type { TimerClock } from '../../../../controller/operator/kube/clock.ts';
import { LOW_PRIORITY, WorkQueue, type QueueItem } from '../../../../controller/operator/kube/work-queue.ts';
import { ManualClock, settle } from './manual-clock.ts';

function setUp() {
  const clock = new ManualClock();
  const waits: number[] = [];
  const counts = { adds: 0, retries: 0, done: 0 };
  const queue = new WorkQueue({
    clock,
    random: () => 0,
    observer: {
      onAdd: () => void (counts.adds += 1),
      onRetry: () => void (counts.retries += 1),
      onStart: (seconds) => void waits.push(seconds),
      onDone: () => void (counts.done += 1),
    },
  });
  /** Asks for an item; what comes is in `taken`. */
  const taken: (QueueItem | undefined)[] = [];
  const take = async () => {
    void queue.get().then((item) => taken.push(item));
    await settle();
  };
  return { clock, queue, taken, take, waits, counts, keys: () => taken.map((item) => item?.key) };
}

describe('a work queue', () => {
  it('hands out a key once, however often it was added', async () => {
    const { queue, take, keys } = setUp();
    queue.add('a');
    queue.add('a');
    await take();
    await take();
    expect(keys()).toEqual(['a']);
  });

  it('never hands out a key that is being worked on, and brings it back when that is done', async () => {
    const { queue, take, keys } = setUp();
    queue.add('a');
    await take();
    queue.add('a');
    await take();
    expect(keys()).toEqual(['a']);
    queue.done('a');
    await settle();
    expect(keys()).toEqual(['a', 'a']);
  });

  it('does not bring back a key that was not added while it was worked on', async () => {
    const { queue, take, keys } = setUp();
    queue.add('a');
    await take();
    queue.done('a');
    await take();
    expect(keys()).toEqual(['a']);
    expect(queue.size).toBe(0);
  });

  it('lets changes overtake the first filling', async () => {
    const { queue, take, keys } = setUp();
    queue.add('initial', { priority: LOW_PRIORITY });
    queue.add('changed');
    await take();
    await take();
    expect(keys()).toEqual(['changed', 'initial']);
  });

  it('wakes a waiting worker when a delayed key is due', async () => {
    const { clock, queue, take, keys } = setUp();
    queue.add('later', { afterMs: 1000 });
    await take();
    await clock.advance(999);
    expect(keys()).toEqual([]);
    await clock.advance(1);
    expect(keys()).toEqual(['later']);
  });

  it('misses no key that becomes due between looking for one and setting the timer', async () => {
    const clock = new ManualClock();
    let stepMs = 0;
    const creeping: TimerClock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + (stepMs += 0.6),
      after: (delayMs, action) => clock.after(delayMs, action),
      sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
    };
    const queue = new WorkQueue({ clock: creeping, random: () => 0 });
    const taken = queue.get();
    queue.add('a', { afterMs: 1.5 });
    await clock.advance(1);
    expect(await taken).toMatchObject({ key: 'a' });
  });

  it('is woken earlier by an earlier key', async () => {
    const { clock, queue, take, keys } = setUp();
    queue.add('slow', { afterMs: 5000 });
    await take();
    queue.add('fast', { afterMs: 100 });
    await clock.advance(100);
    expect(keys()).toEqual(['fast']);
  });

  it('keeps no timer while nobody waits for an item', () => {
    const { clock, queue } = setUp();
    queue.add('later', { afterMs: 1000 });
    expect(clock.nextTimerMs).toBeUndefined();
  });

  it('waits longer with every failure of a key, from 50 ms to 5 min, and starts over after forget', async () => {
    const { clock, queue, take, keys } = setUp();
    await take();
    const delays: (number | undefined)[] = [];
    for (let failures = 0; failures < 15; failures += 1) {
      queue.addRateLimited('a');
      const delayMs = clock.nextTimerMs ?? Number.NaN;
      delays.push(delayMs);
      await clock.advance(delayMs);
      queue.done('a');
      await take();
    }
    // With the dice at 0, equal jitter gives half of 50 ms, 100 ms, 200 ms …
    expect(delays.slice(0, 4)).toEqual([25, 50, 100, 200]);
    expect(delays.at(-1)).toBe(150_000);
    expect(keys()).toHaveLength(15);
    queue.forget('a');
    queue.addRateLimited('a');
    expect(clock.nextTimerMs).toBe(25);
  });

  it('tells for how long a key was due before work began', async () => {
    const { clock, queue, take, waits, counts } = setUp();
    queue.add('a');
    await clock.advance(2000);
    await take();
    queue.done('a');
    expect(waits).toEqual([2]);
    expect(counts).toEqual({ adds: 1, retries: 0, done: 1 });
  });

  it('shows what is due and how long work has been going on', async () => {
    const { clock, queue, take } = setUp();
    queue.add('a');
    queue.add('b', { priority: LOW_PRIORITY });
    queue.add('c', { afterMs: 60_000 });
    await take();
    await clock.advance(3000);
    const { depth, workingSeconds } = queue.snapshot();
    expect([...depth]).toEqual([[LOW_PRIORITY, 1]]);
    expect(workingSeconds).toEqual([3]);
  });
});

describe('the shutdown of a work queue', () => {
  it('sends waiting workers home at once', async () => {
    const { queue, take, taken } = setUp();
    await take();
    await queue.shutdown({ drain: false });
    await settle();
    expect(taken).toEqual([undefined]);
  });

  it('waits for work in progress and hands out nothing more', async () => {
    const { queue, take, keys } = setUp();
    queue.add('a');
    queue.add('b');
    await take();
    let isOver = false;
    void queue.shutdown({ drain: false }).then(() => (isOver = true));
    await take();
    expect(keys()).toEqual(['a', undefined]);
    expect(isOver).toBe(false);
    queue.done('a');
    await settle();
    expect(isOver).toBe(true);
  });

  it('with drain hands out what is due, including what comes back, but nothing that waits', async () => {
    const { queue, take, keys } = setUp();
    queue.add('a');
    await take();
    queue.add('a');
    queue.add('b');
    queue.add('later', { afterMs: 1000 });
    let isOver = false;
    void queue.shutdown({ drain: true }).then(() => (isOver = true));
    await take();
    queue.done('a');
    await take();
    queue.done('b');
    await settle();
    expect(isOver).toBe(false);
    queue.done('a');
    await take();
    expect(keys()).toEqual(['a', 'b', 'a', undefined]);
    expect(isOver).toBe(true);
  });

  it('takes no more keys', async () => {
    const { queue, take, taken } = setUp();
    await queue.shutdown({ drain: false });
    queue.add('late');
    queue.addRateLimited('late');
    await take();
    expect(taken).toEqual([undefined]);
    expect(queue.size).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../../../controller/operator/kube/reconcile.ts';
import { handFedCache, setUp } from './controller-scene.ts';
import { settle } from './manual-clock.ts';

describe('a controller', () => {
  it('reconciles nothing before all its caches have synced', async () => {
    const seen: string[] = [];
    const { primary, controller, never } = setUp((key) => Promise.resolve(seen.push(key)).then(() => ({})));
    const other = handFedCache('secrets');
    controller.watch(other, { keysOf: () => ['a'] });
    primary.tell('a', { isInitial: true });
    primary.sync();
    const started = controller.start(never);
    await settle();
    expect(seen).toEqual([]);
    other.sync();
    await started;
    await settle();
    expect(seen).toEqual(['a']);
    await controller.stop();
  });

  it('names the caches that do not fill within two minutes', async () => {
    const { clock, primary, controller, never } = setUp(() => Promise.resolve({}));
    controller.watch(handFedCache('secrets'), { keysOf: () => [] });
    primary.sync();
    const failure = controller.start(never).catch(String);
    await clock.advance(120_000);
    expect(await failure).toContain('no complete list of secrets yet');
  });

  it('reconciles what has changed before what was there at the start', async () => {
    const seen: string[] = [];
    const { primary, controller, never } = setUp((key) => Promise.resolve(seen.push(key)).then(() => ({})), {
      workers: 1,
    });
    primary.tell('initial', { isInitial: true });
    primary.tell('changed');
    primary.sync();
    await controller.start(never);
    await settle();
    expect(seen).toEqual(['changed', 'initial']);
    await controller.stop();
  });

  it('never reconciles a key twice at a time, however many workers there are', async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const { primary, controller, never } = setUp(
      async () => {
        most = Math.max(most, (running += 1));
        await gate.promise;
        running -= 1;
        return {};
      },
      { workers: 4 },
    );
    primary.sync();
    await controller.start(never);
    for (let times = 0; times < 4; times += 1) {
      primary.tell('a');
      await settle();
    }
    gate.resolve();
    await settle();
    expect(most).toBe(1);
    await controller.stop();
  });

  it('comes back after requeueAfterMs', async () => {
    let runs = 0;
    const { clock, primary, controller, outcomes, never } = setUp(() =>
      Promise.resolve((runs += 1) === 1 ? { requeueAfterMs: 5000, reason: 'WindowClosed' } : {}),
    );
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    await clock.advance(4999);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
    expect(outcomes).toEqual(['requeue_after', 'success']);
    await controller.stop();
  });

  it('tries again later and later after errors, tells how often it failed, and starts over after a success', async () => {
    const failures: number[] = [];
    const { clock, primary, controller, never, log } = setUp((_, context) => {
      failures.push(context.failures);
      return failures.length <= 3 ? Promise.reject(new Error('no luck')) : Promise.resolve({});
    });
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    await clock.advance(25 + 50 + 100);
    expect(failures).toEqual([0, 1, 2, 3]);
    primary.tell('a');
    await settle();
    expect(failures.at(-1)).toBe(0);
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(3);
    await controller.stop();
  });

  it('does not come back to a key whose error is terminal', async () => {
    let runs = 0;
    const { clock, primary, controller, counts, outcomes, never } = setUp(() => {
      runs += 1;
      return Promise.reject(new TerminalError('the address is malformed'));
    });
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    await clock.advance(3_600_000);
    expect(runs).toBe(1);
    expect(counts.terminal).toBe(1);
    expect(outcomes).toEqual(['error']);
    primary.tell('a');
    await settle();
    expect(runs).toBe(2);
    await controller.stop();
  });

  it('survives and counts our own mistakes, and tries again', async () => {
    let runs = 0;
    const { clock, primary, controller, counts, never } = setUp(() => {
      runs += 1;
      if (runs === 1) throw new TypeError('undefined is not a function');
      return Promise.resolve({});
    });
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    await clock.advance(1000);
    expect(runs).toBe(2);
    expect(counts.defects).toBe(1);
    await controller.stop();
  });

  it('aborts the signal of a reconcile that takes a minute', async () => {
    const { clock, primary, controller, counts, never } = setUp(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('too late'))),
        ),
    );
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    await clock.advance(59_999);
    expect(counts.timeouts).toBe(0);
    await clock.advance(1);
    expect(counts.timeouts).toBe(1);
    const stopped = controller.stop(0);
    await settle();
    await stopped;
  });

  it('looks at everything again about every ten hours, behind everything else and not all at once', async () => {
    const seen: string[] = [];
    const { clock, primary, controller, never } = setUp((key) =>
      Promise.resolve(seen.push(key)).then(() => ({})),
    );
    primary.sync();
    await controller.start(never);
    for (const key of ['a', 'b', 'c']) primary.tell(key);
    await settle();
    seen.length = 0;
    await clock.advance(9 * 3_600_000 - 1);
    expect(seen).toEqual([]);
    await clock.advance(2 * 3_600_000);
    expect(seen.sort()).toEqual(['a', 'b', 'c']);
    await controller.stop();
  });
});

describe('the end of a controller', () => {
  it('waits for reconciles in progress and begins no more', async () => {
    const gate = Promise.withResolvers<void>();
    const seen: string[] = [];
    const { primary, controller, never } = setUp(
      async (key) => {
        seen.push(key);
        await gate.promise;
        return {};
      },
      { workers: 1 },
    );
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    primary.tell('b');
    await settle();
    let isOver = false;
    void controller.stop().then(() => (isOver = true));
    await settle();
    expect(isOver).toBe(false);
    gate.resolve();
    await settle();
    expect(isOver).toBe(true);
    expect(seen).toEqual(['a']);
  });

  it.each([
    ['when the drain time is over', 10_000],
    ['at once when leadership is lost', 0],
  ])('abandons them %s', async (_, drainTimeoutMs) => {
    let isAborted = false;
    const { clock, primary, controller, never } = setUp(
      (_key, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            isAborted = true;
            resolve({});
          }),
        ),
    );
    primary.sync();
    await controller.start(never);
    primary.tell('a');
    await settle();
    const stopped = controller.stop(drainTimeoutMs);
    await clock.advance(Math.max(0, drainTimeoutMs - 1));
    expect(isAborted).toBe(drainTimeoutMs === 0);
    await clock.advance(1);
    await stopped;
    expect(isAborted).toBe(true);
  });
});

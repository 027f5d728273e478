import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../controller/operator/kube/api-error.ts';
import { StatusBudget } from '../../../../controller/operator/kube/status-budget.ts';
import { StatusWriter } from '../../../../controller/operator/kube/status-writer.ts';
import { keptLog, ManualClock, settle } from './manual-clock.ts';

function setUp(
  options: { concurrency?: number; isManual?: boolean; fails?: (status: string) => boolean } = {},
) {
  const clock = new ManualClock();
  const written: string[] = [];
  const failed: string[] = [];
  const open: (() => void)[] = [];
  const writer = new StatusWriter<string>({
    budget: new StatusBudget({ writesPerSecond: 20, savedWrites: 100 }),
    write: async (status) => {
      written.push(status);
      if (options.isManual) await new Promise<void>((resolve) => open.push(resolve));
      if (options.fails?.(status)) throw new ApiError('apply status', status === 'gone' ? 404 : 500, {});
    },
    onFailure: (key, retryAfterMs) => void failed.push(`${key} in ${retryAfterMs} ms`),
    random: () => 0,
    concurrency: options.concurrency ?? 4,
    clock,
    log: keptLog(),
  });
  return { clock, writer, written, failed, open };
}

describe('a status writer', () => {
  it('writes a changed condition at once and counters at the pace of the budget', async () => {
    const { clock, writer, written } = setUp();
    for (const key of ['a', 'b', 'c']) writer.offer(key, `counter ${key}`, 'Counter');
    writer.offer('d', 'condition d', 'Condition');
    await settle();
    expect(written).toEqual(['counter a', 'condition d']);
    await clock.advance(100);
    expect(written).toEqual(['counter a', 'condition d', 'counter b', 'counter c']);
    expect(writer.pending).toBe(0);
  });

  it('writes one status of an object after the other, and the latest of those that wait', async () => {
    const { writer, written, open } = setUp({ isManual: true });
    for (const status of ['one', 'two', 'three']) writer.offer('a', status, 'Condition');
    await settle();
    expect(written).toEqual(['one']);
    expect(writer.pending).toBe(1);
    open.shift()?.();
    await settle();
    expect(written).toEqual(['one', 'three']);
  });

  it('is behind while hundreds of conditions wait, and says when it has caught up', async () => {
    const { writer, open } = setUp({ isManual: true, concurrency: 1 });
    for (let object = 0; object < 500; object += 1) writer.offer(`${object}`, 'status', 'Condition');
    expect(writer.whenCaughtUp()).toBeUndefined();
    writer.offer('one more', 'status', 'Condition');
    let isCaughtUp = false;
    void writer.whenCaughtUp()?.then(() => (isCaughtUp = true));
    await settle();
    expect(isCaughtUp).toBe(false);
    open.shift()?.();
    await settle();
    expect(isCaughtUp).toBe(true);
  });

  it('keeps nobody waiting when it stops', async () => {
    const { writer, open } = setUp({ isManual: true, concurrency: 1 });
    for (let object = 0; object < 600; object += 1) writer.offer(`${object}`, 'status', 'Condition');
    const caughtUp = writer.whenCaughtUp();
    const stopped = writer.stop();
    open.shift()?.();
    await stopped;
    await expect(caughtUp).resolves.toBeUndefined();
    expect(writer.whenCaughtUp()).toBeUndefined();
  });

  it('writes no more at a time than it may', async () => {
    const { writer, written, open } = setUp({ isManual: true, concurrency: 2 });
    for (const key of ['a', 'b', 'c']) writer.offer(key, key, 'Condition');
    await settle();
    expect(written).toEqual(['a', 'b']);
    open.shift()?.();
    await settle();
    expect(written).toEqual(['a', 'b', 'c']);
  });

  it('has a failed status computed again, later and later, instead of repeating an old one', async () => {
    const { writer, written, failed } = setUp({ fails: (status) => status === 'bad' });
    for (const status of ['bad', 'bad', 'bad', 'good', 'bad']) {
      writer.offer('a', status, 'Condition');
      await settle();
    }
    expect(written).toEqual(['bad', 'bad', 'bad', 'good', 'bad']);
    expect(failed).toEqual(['a in 500 ms', 'a in 1000 ms', 'a in 2000 ms', 'a in 500 ms']);
  });

  it('takes an object that is gone for one that needs no status', async () => {
    const { writer, failed } = setUp({ fails: (status) => status === 'gone' });
    writer.offer('a', 'gone', 'Condition');
    await settle();
    expect(failed).toEqual([]);
  });

  it('writes nothing for what is gone and nothing after it has stopped', async () => {
    const { clock, writer, written } = setUp();
    writer.offer('a', 'a', 'Counter');
    writer.offer('b', 'b', 'Counter');
    writer.offer('c', 'c', 'Counter');
    writer.withdraw('b');
    await clock.advance(50);
    await writer.stop();
    writer.offer('d', 'd', 'Condition');
    await clock.advance(10_000);
    expect(written).toEqual(['a', 'c']);
  });
});

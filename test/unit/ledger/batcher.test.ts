import { describe, expect, it } from 'vitest';
import { Batchers } from '../../../controller/ledger/batcher.ts';

/** Batchers that double numbers, and the batches that went out. */
function doubling(most: number) {
  const sent: number[][] = [];
  const batchers = new Batchers<number, number>(async (items) => {
    sent.push([...items]);
    await new Promise((resolve) => setImmediate(resolve));
    if (items.includes(13)) throw new Error('13 is refused');
    return items.map((item) => item * 2);
  }, most);
  return { sent, call: (item: number, name = 'a') => batchers.call(name, item) };
}

describe('calls that may go out together', () => {
  it('do so when they are made in the same turn, each with its own answer', async () => {
    const { call, sent } = doubling(10);
    expect(await Promise.all([call(1), call(2), call(3)])).toEqual([2, 4, 6]);
    expect(sent).toEqual([[1, 2, 3]]);
  });

  it('wait while one is under way, and go alone when nothing is', async () => {
    const { call, sent } = doubling(10);
    const first = call(1);
    await Promise.resolve();
    await Promise.all([first, call(2), call(3)]);
    await call(4);
    expect(sent).toEqual([[1], [2, 3], [4]]);
  });

  it('are no more than the most', async () => {
    const { call, sent } = doubling(2);
    await Promise.all([call(1), call(2), call(3)]);
    expect(sent).toEqual([[1, 2], [3]]);
  });

  it('do not wait for others when they fill a batch', async () => {
    const { call, sent } = doubling(2);
    const first = call(1);
    await Promise.resolve();
    const others = [call(2), call(3), call(4)];
    await Promise.resolve();
    expect(sent).toEqual([[1], [2, 3]]);
    expect(await Promise.all([first, ...others])).toEqual([2, 4, 6, 8]);
    expect(sent).toEqual([[1], [2, 3], [4]]);
  });

  it('go alone and at once where one is the most', async () => {
    const { call, sent } = doubling(1);
    const calls = [call(1), call(2)];
    await Promise.resolve();
    expect(sent).toEqual([[1], [2]]);
    expect(await Promise.all(calls)).toEqual([2, 4]);
  });

  it('of other names do not wait for each other', async () => {
    const { call, sent } = doubling(10);
    await Promise.all([call(1, 'a'), call(2, 'b')]);
    expect(sent).toEqual([[1], [2]]);
  });

  it('fail together, and the next ones do not', async () => {
    const { call } = doubling(2);
    const results = await Promise.allSettled([call(1), call(13), call(3)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('fail when there are too few answers', async () => {
    const batchers = new Batchers<number, number>(async () => [], 10);
    await expect(batchers.call('a', 1)).rejects.toThrow('0 answers for 1 calls');
  });
});

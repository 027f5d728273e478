import { describe, expect, it } from 'vitest';
import { add, counted, failure, NOTHING } from '../../runner/tally.ts';

describe('what a run is counted as', () => {
  it('is what it counted itself', async () => {
    const tally = { ...NOTHING, passed: 3 };
    expect(await counted('the tests', () => Promise.resolve(tally))).toBe(tally);
  });

  it('is nothing where it only made something ready', async () => {
    expect(await counted('what the tests need', () => Promise.resolve())).toEqual(NOTHING);
  });

  it('is one failure with its reason where it broke', async () => {
    const broken = () => Promise.reject(new Error('kubelet ended'));
    expect(await counted('the cluster', broken)).toEqual(failure('the cluster: kubelet ended'));
  });

  it('adds up', () => {
    expect(add({ ...NOTHING, passed: 2, skipped: 1 }, failure('a test'))).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      failures: ['a test'],
    });
  });
});

import { describe, expect, it } from 'vitest';
import { connectBackoffMs, retryDelayMs } from '../../../controller/domain/retry-schedule.ts';

const seconds = (ms: number): number => ms / 1000;

describe('the time until the next attempt', () => {
  it.each([
    [0, 300],
    [1, 600],
    [2, 1200],
    [5, 9600],
    [6, 14_400],
    [60, 14_400],
  ])('after %d earlier attempts doubles up to its maximum: %d s', (earlier, expected) => {
    const retry = { minSeconds: 300, backoff: 2, maxSeconds: 14_400 };
    expect(seconds(retryDelayMs(retry, earlier, () => 0))).toBe(expected);
  });

  it('has careful defaults where the class says nothing', () => {
    expect([0, 1, 20].map((earlier) => seconds(retryDelayMs({}, earlier, () => 0)))).toEqual([
      300, 600, 14_400,
    ]);
  });

  it('does not grow towards a window that opens when it opens', () => {
    const retry = { minSeconds: 3600, notBefore: 'windowReset' as const };
    expect([0, 1, 9].map((earlier) => seconds(retryDelayMs(retry, earlier, () => 0)))).toEqual([
      3600, 3600, 3600,
    ]);
  });

  it('is never shorter than its minimum', () => {
    expect(seconds(retryDelayMs({ minSeconds: 86_400 }, 3, () => 0))).toBe(86_400);
  });

  it('is longer by at most a tenth, by chance', () => {
    const retry = { minSeconds: 100, backoff: 2, maxSeconds: 1000 };
    expect(retryDelayMs(retry, 0, () => 0.5)).toBe(105_000);
    expect(retryDelayMs(retry, 0, () => 0.999_999)).toBeLessThanOrEqual(110_000);
  });
});

describe('the time until a lane connects again', () => {
  it.each([
    [0, 5],
    [1, 5],
    [2, 10],
    [6, 160],
    [7, 300],
    [99, 300],
  ])('after %d failures is %d s', (failures, expected) => {
    expect(seconds(connectBackoffMs(failures, () => 0))).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import {
  equalJitterMs,
  FailureStreak,
  fullJitterMs,
  spreadMs,
} from '../../../../controller/operator/kube/backoff.ts';

const range = { baseMs: 800, maxMs: 30_000 };
const most = () => 0.999999;
const least = () => 0;

describe('full jitter', () => {
  it.each([
    { failures: 0, ceilingMs: 800 },
    { failures: 1, ceilingMs: 1600 },
    { failures: 5, ceilingMs: 25_600 },
    { failures: 6, ceilingMs: 30_000 },
    { failures: 5000, ceilingMs: 30_000 },
  ])('after $failures failures waits up to $ceilingMs ms', ({ failures, ceilingMs }) => {
    expect(fullJitterMs(range, failures, most)).toBeCloseTo(ceilingMs, -1);
  });

  it('never waits less than a tenth of the base, however the dice fall', () => {
    expect(fullJitterMs(range, 9, least)).toBe(80);
  });
});

describe('equal jitter', () => {
  it('keeps at least half of the exponential delay', () => {
    expect(equalJitterMs({ baseMs: 50, maxMs: 300_000 }, 3, least)).toBe(200);
    expect(equalJitterMs({ baseMs: 50, maxMs: 300_000 }, 3, most)).toBeCloseTo(400, 0);
  });

  it('stops growing at the maximum', () => {
    expect(equalJitterMs({ baseMs: 50, maxMs: 300_000 }, 40, most)).toBeCloseTo(300_000, -1);
  });
});

describe('a spread', () => {
  it('stays within its fraction of the mean', () => {
    expect(spreadMs(1000, 0.1, least)).toBe(900);
    expect(spreadMs(1000, 0.1, () => 0.5)).toBe(1000);
    expect(spreadMs(1000, 0.1, most)).toBeCloseTo(1100, 0);
  });
});

describe('a streak of failures', () => {
  const streak = () => new FailureStreak({ range, resetAfterMs: 120_000, random: most });

  it('makes each wait longer than the one before', () => {
    const failures = streak();
    const delays = [0, 1000, 2000].map((nowMs) => Math.round(failures.nextDelayMs(nowMs)));
    expect(delays).toEqual([800, 1600, 3200]);
  });

  it('is forgotten after two healthy minutes', () => {
    const failures = streak();
    failures.nextDelayMs(0);
    failures.nextDelayMs(1000);
    expect(Math.round(failures.nextDelayMs(122_000))).toBe(800);
  });
});

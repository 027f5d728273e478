import { describe, expect, it } from 'vitest';
import { RollingWindow } from '../../../controller/sandbox/rolling-window.ts';

describe('RollingWindow', () => {
  it('forgets what is exactly one window old, and not a millisecond earlier', () => {
    const window = new RollingWindow();
    window.add(1_000, 3);
    expect(window.total(1_999, 1_000)).toBe(3);
    expect(window.total(2_000, 1_000)).toBe(0);
  });

  it('has no edge at which a burst of twice the amount could pass', () => {
    const window = new RollingWindow();
    window.add(990, 5);
    window.add(1_010, 5);
    expect(window.total(1_010, 1_000)).toBe(10);
    expect(window.total(1_995, 1_000)).toBe(5);
  });

  it('takes back a refunded amount once', () => {
    const window = new RollingWindow();
    const refund = window.add(0, 4);
    window.add(0, 1);
    refund();
    refund();
    expect(window.total(0, 1_000)).toBe(1);
  });

  it('ignores a refund of what has left the window or was cleared', () => {
    const window = new RollingWindow();
    const late = window.add(0, 4);
    expect(window.total(5_000, 1_000)).toBe(0);
    late();
    const cleared = window.add(5_000, 2);
    window.clear();
    cleared();
    expect(window.total(5_000, 1_000)).toBe(0);
  });

  it('stays right over many more entries than a window holds', () => {
    const window = new RollingWindow();
    const times = Array.from({ length: 10_000 }, (_, timeMs) => timeMs);
    const wrong = times.filter((timeMs) => {
      window.add(timeMs, 1);
      return window.total(timeMs, 100) !== Math.min(timeMs + 1, 100);
    });
    expect(wrong).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  count,
  emptyWindow,
  expire,
  freedAtMs,
  leavesAtMs,
  slotAt,
  takeBack,
} from '../../../../controller/domain/quota/rolling-window.ts';
import { SHAPE } from './reserving.ts';

const DAY = 86_400_000;
const FIVE_MINUTES = 300_000;
const day = { windowMs: DAY, shape: SHAPE };

describe('the slots of a rolling window', () => {
  it('are five minutes wide for a day, and a millisecond for the shortest windows', () => {
    expect(slotAt(day, FIVE_MINUTES - 1)).toBe(0);
    expect(slotAt(day, FIVE_MINUTES)).toBe(1);
    expect(slotAt({ windowMs: 100, shape: SHAPE }, 7)).toBe(7);
  });

  it('count until their end is as old as the window', () => {
    expect(leavesAtMs(day, 0)).toBe(FIVE_MINUTES + DAY);
    const window = count(emptyWindow(DAY, SHAPE), slotAt(day, 0), 3);
    expect(expire(window, FIVE_MINUTES + DAY - 1).used).toBe(3);
    expect(expire(window, FIVE_MINUTES + DAY)).toEqual(emptyWindow(DAY, SHAPE));
  });

  it('leave one by one while the rest stays counted', () => {
    const window = count(count(emptyWindow(DAY, SHAPE), 0, 3), 1, 4);
    expect(expire(window, leavesAtMs(day, 0))).toEqual({
      windowMs: DAY,
      shape: SHAPE,
      slots: [{ index: 1, recipients: 4 }],
      used: 4,
    });
  });

  it('add up what falls into the same one', () => {
    const window = count(count(emptyWindow(DAY, SHAPE), 5, 3), 5, 4);
    expect(window).toEqual({ windowMs: DAY, shape: SHAPE, slots: [{ index: 5, recipients: 7 }], used: 7 });
  });

  it('give back what was taken out, and disappear when nothing is left', () => {
    const window = count(count(emptyWindow(DAY, SHAPE), 5, 3), 6, 4);
    expect(takeBack(window, 6, 1).used).toBe(6);
    expect(takeBack(window, 5, 3).slots).toEqual([{ index: 6, recipients: 4 }]);
    expect(takeBack(window, 99, 3)).toEqual(window);
  });

  it('tell when enough of them have left', () => {
    const window = count(count(emptyWindow(DAY, SHAPE), 5, 3), 6, 4);
    expect(freedAtMs(window, 3)).toBe(leavesAtMs(day, 5));
    expect(freedAtMs(window, 4)).toBe(leavesAtMs(day, 6));
    expect(freedAtMs(window, 8)).toBeUndefined();
  });
});

import { array, assert, constant, constantFrom, nat, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PriorityLine } from '../../../../controller/operator/kube/priority-line.ts';

const place = (key: string, priority = 0, readyAtMs = 0) => ({ key, priority, readyAtMs });

function takeAll(line: PriorityLine, nowMs: number): string[] {
  const keys: string[] = [];
  for (let turn = line.take(nowMs); turn !== undefined; turn = line.take(nowMs)) keys.push(turn.key);
  return keys;
}

describe('a priority line', () => {
  it('serves first come first served within a priority', () => {
    const line = new PriorityLine();
    for (const key of ['c', 'a', 'b']) line.join(place(key), 0);
    expect(takeAll(line, 0)).toEqual(['c', 'a', 'b']);
  });

  it('serves higher priorities first', () => {
    const line = new PriorityLine();
    line.join(place('low', -100), 0);
    line.join(place('high', 100), 0);
    line.join(place('normal', 0), 0);
    expect(takeAll(line, 0)).toEqual(['high', 'normal', 'low']);
  });

  it('holds each key once, however often it joins', () => {
    const line = new PriorityLine();
    for (let times = 0; times < 5; times += 1) line.join(place('a'), 0);
    expect(takeAll(line, 0)).toEqual(['a']);
  });

  it('keeps the higher priority of two joins and puts the key at the end of its new class', () => {
    const line = new PriorityLine();
    line.join(place('raised', -100), 0);
    line.join(place('first', 0), 0);
    line.join(place('raised', 0), 0);
    expect(takeAll(line, 0)).toEqual(['first', 'raised']);
  });

  it('does not lose a place when a key joins again with less', () => {
    const line = new PriorityLine();
    line.join(place('a', 0), 0);
    line.join(place('b', 0), 0);
    line.join(place('a', -100, 5000), 0);
    expect(takeAll(line, 0)).toEqual(['a', 'b']);
  });

  it('gives nothing before its time', () => {
    const line = new PriorityLine();
    line.join(place('later', 0, 1000), 0);
    expect(line.take(999)).toBeUndefined();
    expect(line.nextDueMs(999)).toBe(1000);
    expect(line.take(1000)?.key).toBe('later');
  });

  it('keeps the earlier time of two joins', () => {
    const line = new PriorityLine();
    line.join(place('a', 0, 9000), 0);
    line.join(place('a', 0, 1000), 0);
    line.join(place('a', 0, 5000), 0);
    expect(line.nextDueMs(0)).toBe(1000);
    expect(line.take(1000)?.key).toBe('a');
    expect(line.take(9000)).toBeUndefined();
  });

  it('says since when a key has been due, not since when it has been in line', () => {
    const line = new PriorityLine();
    line.join(place('a', 0, 1000), 0);
    expect(line.take(1500)?.dueSinceMs).toBe(1000);
  });

  it('counts what is due by priority', () => {
    const line = new PriorityLine();
    line.join(place('a', 0), 0);
    line.join(place('b', -100), 0);
    line.join(place('c', -100), 0);
    line.join(place('d', 0, 5000), 0);
    expect(line.depth(0)).toEqual(
      new Map([
        [-100, 2],
        [0, 1],
      ]),
    );
    line.join(place('b', 0), 0);
    takeAll(line, 0);
    expect([...line.depth(0)]).toEqual([]);
  });

  it('does not grow with keys that join again and again before their time', () => {
    const line = new PriorityLine();
    for (let round = 0; round < 5000; round += 1) line.join(place('a', 0, 1e9 - round), 0);
    expect(line.size).toBe(1);
    expect(line.footprint).toBeLessThan(100);
    expect(takeAll(line, 1e9)).toEqual(['a']);
  });

  it('agrees with a plain sorted list, whatever happens', () => {
    const step = oneof(
      record({
        key: constantFrom('a', 'b', 'c', 'd'),
        priority: constantFrom(-1, 0, 1),
        delay: nat(3),
      }),
      constant('take' as const),
    );
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        const line = new PriorityLine();
        const model = new Map<string, { priority: number; readyAtMs: number }>();
        steps.forEach((action, nowMs) => {
          if (action !== 'take') {
            const { key, priority, delay } = action;
            line.join({ key, priority, readyAtMs: nowMs + delay }, nowMs);
            const present = model.get(key);
            model.set(key, {
              priority: Math.max(priority, present?.priority ?? -9),
              readyAtMs: Math.min(nowMs + delay, present?.readyAtMs ?? Infinity),
            });
            return;
          }
          const due = [...model].filter(([, entry]) => entry.readyAtMs <= nowMs);
          const best = Math.max(...due.map(([, entry]) => entry.priority));
          const taken = line.take(nowMs);
          expect(taken?.priority).toBe(due.length === 0 ? undefined : best);
          if (taken !== undefined) {
            expect(due.map(([key]) => key)).toContain(taken.key);
            model.delete(taken.key);
          }
        });
        expect(line.size).toBe(model.size);
      }),
    );
  });
});

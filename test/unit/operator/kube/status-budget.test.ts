import { describe, expect, it } from 'vitest';
import { StatusBudget } from '../../../../controller/operator/kube/status-budget.ts';

const small = () => new StatusBudget<string>({ writesPerSecond: 20, savedWrites: 100 });

/** Takes all that the budget allows at each step of a run; returns what was taken when. */
function run(budget: StatusBudget<string>, untilMs: number, stepMs = 10): { key: string; atMs: number }[] {
  const taken: { key: string; atMs: number }[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += stepMs) {
    for (let next = budget.take(nowMs); next !== undefined; next = budget.take(nowMs))
      taken.push({ key: next.key, atMs: nowMs });
  }
  return taken;
}

describe('a status budget', () => {
  it('writes the latest status of an object, once', () => {
    const budget = small();
    budget.offer('a', 'old', 'Counter', 0);
    budget.offer('a', 'new', 'Counter', 0);
    expect(budget.take(0)).toEqual({ key: 'a', status: 'new', urgency: 'Counter' });
    expect(budget.take(1000)).toBeUndefined();
    expect(budget.size).toBe(0);
  });

  it('lets changed conditions go first', () => {
    const budget = small();
    budget.offer('counter', '', 'Counter', 0);
    budget.offer('condition', '', 'Condition', 0);
    expect(budget.take(0)?.key).toBe('condition');
  });

  it('does not forget that a condition changed when only a counter follows', () => {
    const budget = small();
    budget.offer('a', 'condition', 'Condition', 0);
    budget.offer('a', 'condition and counter', 'Counter', 0);
    expect(budget.take(0)).toEqual({ key: 'a', status: 'condition and counter', urgency: 'Condition' });
  });

  it('writes no more than 20 counters a second, however many wait', () => {
    const budget = new StatusBudget<string>();
    for (let index = 0; index < 10_000; index += 1) budget.offer(`m${index}`, '', 'Counter', 0);
    const taken = run(budget, 10_000);
    expect(taken.length).toBeGreaterThanOrEqual(199);
    expect(taken.length).toBeLessThanOrEqual(201);
    for (let second = 0; second < 10; second += 1) {
      const inSecond = taken.filter(({ atMs }) => atMs >= second * 1000 && atMs < (second + 1) * 1000);
      expect(inSecond.length).toBeLessThanOrEqual(21);
    }
  });

  it('writes the first conditions of 10,000 objects without delay', () => {
    const budget = new StatusBudget<string>();
    for (let index = 0; index < 10_000; index += 1) budget.offer(`m${index}`, '', 'Condition', 0);
    expect(run(budget, 0)).toHaveLength(10_000);
  });

  it('holds conditions to the budget once the savings are spent', () => {
    const budget = small();
    for (let index = 0; index < 1000; index += 1) budget.offer(`m${index}`, '', 'Condition', 0);
    const taken = run(budget, 10_000);
    expect(taken.length).toBeGreaterThanOrEqual(299);
    expect(taken.length).toBeLessThanOrEqual(301);
  });

  it('gives every counter its turn, first come first served', () => {
    const budget = small();
    for (const key of ['a', 'b', 'c']) budget.offer(key, '', 'Counter', 0);
    budget.offer('a', 'again', 'Counter', 0);
    expect(run(budget, 1000).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  });

  it('says how long to wait for the next write', () => {
    const budget = small();
    expect(budget.waitMs(0)).toBeUndefined();
    budget.offer('a', '', 'Counter', 0);
    budget.offer('b', '', 'Counter', 0);
    expect(budget.waitMs(0)).toBe(0);
    budget.take(0);
    expect(budget.waitMs(0)).toBeCloseTo(50, 3);
    budget.offer('c', '', 'Condition', 0);
    expect(budget.waitMs(0)).toBe(0);
  });

  it('writes nothing for an object that is gone', () => {
    const budget = small();
    budget.offer('gone', '', 'Condition', 0);
    budget.offer('here', '', 'Condition', 0);
    budget.withdraw('gone');
    expect(run(budget, 1000).map(({ key }) => key)).toEqual(['here']);
  });

  it('takes an object back after a withdrawal', () => {
    const budget = small();
    budget.offer('a', 'first life', 'Condition', 0);
    budget.withdraw('a');
    budget.offer('a', 'second life', 'Counter', 0);
    expect(budget.take(0)?.status).toBe('second life');
    expect(budget.take(1000)).toBeUndefined();
  });
});

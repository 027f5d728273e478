import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoginRefusal } from '../../../controller/cli/login-refusal.ts';

const WRONG = new Error('WRONGPASS invalid username-password pair or user is disabled.');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function aRefusal() {
  const said: unknown[] = [];
  const log = { error: (...words: unknown[]) => void said.push(words.at(-1)) };
  return { refusal: new LoginRefusal(log, 10_000), said };
}

describe('a login that Redis refuses', () => {
  it('ends the process when it stays refused, and says so once', () => {
    const { refusal, said } = aRefusal();
    refusal.note(WRONG);
    vi.advanceTimersByTime(6_000);
    refusal.note(WRONG);
    expect(refusal.signal.aborted).toBe(false);
    vi.advanceTimersByTime(4_000);
    expect(refusal.signal.aborted).toBe(true);
    expect(said).toEqual([
      'Redis still refuses the login: ending, since only a new start reads REDIS_URL anew',
    ]);
  });

  it('is forgotten when it is taken again in time', () => {
    const { refusal } = aRefusal();
    refusal.note();
    refusal.note(WRONG);
    vi.advanceTimersByTime(9_000);
    refusal.note();
    vi.advanceTimersByTime(20_000);
    expect(refusal.signal.aborted).toBe(false);
    refusal.note(WRONG);
    vi.advanceTimersByTime(10_000);
    expect(refusal.signal.aborted).toBe(true);
  });
});

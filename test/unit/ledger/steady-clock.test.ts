import { describe, expect, it } from 'vitest';
import { SteadyClock } from '../../../controller/ledger/steady-clock.ts';

const START_MS = 1_800_000_000_000;

/** A clock and the times that it is given: `pass` on this machine, `server` what the server shows. */
function aClock() {
  let monotonicMs = 5_000;
  let sleptMs = 0;
  let serverMs = START_MS;
  let correctionMs = 0;
  const clock = new SteadyClock({
    monotonicMs: () => monotonicMs,
    uptimeSeconds: () => Math.floor((monotonicMs + sleptMs) / 1_000),
  });
  return {
    clock,
    pass: (ms: number) => {
      monotonicMs += ms;
      serverMs += ms;
    },
    sleep: (ms: number) => {
      sleptMs += ms;
      serverMs += ms;
    },
    jump: (ms: number) => (serverMs += ms),
    correct: (ms: number) => (correctionMs += ms),
    look: (tookMs = 0) => {
      const sentAtMs = clock.read();
      monotonicMs += tookMs;
      return clock.observe({ serverMs, correctionMs, sentAtMs, receivedAtMs: clock.read() });
    },
  };
}

describe('the steady clock', () => {
  it('finds nothing odd in time that passes', () => {
    const { look, pass } = aClock();
    expect(look()).toBe(0);
    pass(3_600_000);
    expect(look()).toBe(0);
  });

  it.each([3_600_000, 86_400_000, -3_600_000])(
    'notices a jump of %d ms, and is content once it is corrected',
    (ms) => {
      const { look, pass, jump, correct, clock } = aClock();
      look();
      pass(250);
      jump(ms);
      expect(look()).toBe(ms);
      correct(-ms);
      expect(look()).toBe(0);
      expect(clock.correctionMs).toBe(-ms);
      expect(clock.expectedMs()).toBe(START_MS + 250);
    },
  );

  it('does not take a slow answer for a jump', () => {
    const { look, pass } = aClock();
    look();
    pass(250);
    expect(look(10_000)).toBe(0);
    expect(look()).toBe(0);
  });

  it('does not take the sleep of a laptop for a jump', () => {
    const { look, sleep, pass } = aClock();
    look();
    sleep(8 * 3_600_000);
    pass(250);
    expect(look()).toBe(0);
  });

  it('lets small differences be', () => {
    const { look, jump } = aClock();
    look();
    jump(1_900);
    expect(look()).toBe(0);
  });
});

/**
 * The project's clock with timers besides. Durations are measured on the monotonic side; the time of day is only ever
 * written into objects that people read (Lease, Event), never used to decide anything.
 */
import type { Clock } from '../../domain/ports/clock.ts';

/** Cancels the timer it came from; harmless when called twice or too late. */
export type Cancel = () => void;

export interface TimerClock extends Clock {
  /** Runs `action` once after `delayMs`. */
  after(delayMs: number, action: () => void): Cancel;
}

// setTimeout fires at once for anything larger than a signed 32-bit number of milliseconds (about 24.8 days).
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: TimerClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  sleep: (delayMs, signal) => sleep(systemClock, delayMs, signal),
};

/** `Clock.sleep` for a clock that has timers. */
export function sleep(
  clock: Pick<TimerClock, 'after'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/**
 * Time, randomness and pauses as the machinery sees them, so that tests can drive them by hand.
 *
 * Durations are always measured on the monotonic clock; wall time is only ever written into objects that people
 * read (Lease, Event), never used to decide anything.
 */

/** Cancels the timer it came from; harmless when called twice or too late. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds on a clock that never jumps; only differences mean anything. */
  monotonicMs(): number;
  /** The time of day, for fields that people read. */
  wallTime(): Date;
  /** Runs `action` once after `delayMs`. */
  after(delayMs: number, action: () => void): Cancel;
}

/** A number in [0, 1), as Math.random gives. */
export type Random = () => number;

// setTimeout fires at once for anything larger than a signed 32-bit number of milliseconds (about 24.8 days).
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallTime: () => new Date(),
  after: (delayMs, action) => {
    const timer = setTimeout(action, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Waits `delayMs`, or less when `signal` aborts. Never rejects: look at `signal.aborted` afterwards. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
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

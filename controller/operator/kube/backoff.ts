import type { Random } from '../../domain/ports/clock.ts';

/** Exponential growth from `baseMs`, doubling with each failure, never above `maxMs`. */
export interface BackoffRange {
  baseMs: number;
  maxMs: number;
}

/** The un-jittered delay after `failures` earlier failures (0 for the first). */
function exponentialMs(range: BackoffRange, failures: number): number {
  // 2 ** 1024 is Infinity, which min() still turns into maxMs.
  return Math.min(range.maxMs, range.baseMs * 2 ** failures);
}

/**
 * Full jitter: anything from a tenth of the base up to the exponential ceiling. Spreads many clients that all lost
 * the same server; the floor keeps an unlucky streak of small numbers from becoming a busy loop.
 */
export function fullJitterMs(range: BackoffRange, failures: number, random: Random): number {
  return Math.max(range.baseMs / 10, random() * exponentialMs(range, failures));
}

/**
 * Equal jitter: between half the exponential delay and all of it. Keeps the growth visible, for items that fail on their own.
 */
export function equalJitterMs(range: BackoffRange, failures: number, random: Random): number {
  const delayMs = exponentialMs(range, failures);
  return delayMs / 2 + (random() * delayMs) / 2;
}

/** `meanMs` give or take `fraction` of it, evenly spread: 10 h ± 10 % is `spreadMs(36_000_000, 0.1, random)`. */
export function spreadMs(meanMs: number, fraction: number, random: Random): number {
  return meanMs * (1 - fraction + random() * 2 * fraction);
}

export interface FailureStreakOptions {
  range: BackoffRange;
  /** A failure that comes this long after the one before starts a new streak. */
  resetAfterMs: number;
  random: Random;
}

/** Counts failures that follow each other, and forgets them after a healthy while. */
export class FailureStreak {
  readonly #options: FailureStreakOptions;
  #failures = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;

  constructor(options: FailureStreakOptions) {
    this.#options = options;
  }

  /** Notes a failure at `nowMs` and says how long to wait before the next try. */
  nextDelayMs(nowMs: number): number {
    const { range, resetAfterMs, random } = this.#options;
    if (nowMs - this.#lastFailureMs > resetAfterMs) this.#failures = 0;
    this.#lastFailureMs = nowMs;
    const delayMs = fullJitterMs(range, this.#failures, random);
    this.#failures += 1;
    return delayMs;
  }
}

import type { RetrySchedule } from '../api/policy-document.ts';
import type { Random } from './ports/clock.ts';

/** House defaults for what a class of policy.yaml leaves open; the times are those of its `temp-any`. */
const DEFAULT = { minSeconds: 300, backoff: 2, maxSeconds: 14_400 };
/** Largest random addition to a delay, as a share of it: messages deferred together do not come back together. */
const JITTER = 0.1;

/** Back-off of a lane that cannot connect: from 5 s, doubling, to 5 min. House values. */
const CONNECT_BACKOFF = { minSeconds: 5, backoff: 2, maxSeconds: 300 };

function withJitter(seconds: number, random: Random): number {
  return Math.round(seconds * 1000 * (1 + random() * JITTER));
}

/**
 * Time until the next attempt, ms. `earlier` = attempts that ended before this one. A class that waits for a window is asked in even
 * steps: its window does not open later for having been asked before.
 */
export function retryDelayMs(retry: RetrySchedule, earlier: number, random: Random): number {
  const minSeconds = retry.minSeconds ?? DEFAULT.minSeconds;
  const backoff = retry.backoff ?? (retry.notBefore === undefined ? DEFAULT.backoff : 1);
  const maxSeconds = retry.maxSeconds ?? Math.max(minSeconds, DEFAULT.maxSeconds);
  return withJitter(Math.min(minSeconds * backoff ** earlier, maxSeconds), random);
}

/** Time until a lane tries to connect again, ms. `failures` = consecutive ones, this one included. */
export function connectBackoffMs(failures: number, random: Random): number {
  return retryDelayMs(CONNECT_BACKOFF, Math.max(0, failures - 1), random);
}

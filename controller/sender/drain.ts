import type { Clock } from '../domain/ports/clock.ts';

/** How long after the limit the calls that were given up may take to come back, milliseconds. */
const UNWINDING_MS = 5_000;

/**
 * Resolves when the work ends, or `limitMs` (and a moment to unwind) after the order to stop, whatever the work does then. `giveUp` is
 * called at the limit. Rejects when the work does before that.
 */
export async function withinDrainLimit(
  work: Promise<unknown>,
  drain: {
    readonly stopping: AbortSignal;
    readonly clock: Clock;
    readonly limitMs: number;
    giveUp(): void;
  },
): Promise<void> {
  const ended = new AbortController();
  const limit = async (): Promise<void> => {
    await aborted(AbortSignal.any([drain.stopping, ended.signal]));
    await drain.clock.sleep(drain.limitMs, ended.signal);
    if (ended.signal.aborted) return;
    drain.giveUp();
    await drain.clock.sleep(UNWINDING_MS, ended.signal);
  };
  try {
    await Promise.race([work, limit()]);
  } finally {
    ended.abort();
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

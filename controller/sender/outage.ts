import type { Clock, Random } from '../domain/ports/clock.ts';
import { LedgerUnavailable } from '../domain/ports/ledger.ts';

/** Back-off while the ledger is away, milliseconds: short, because nothing is sent meanwhile and asking is cheap. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

interface RepeatContext {
  readonly clock: Clock;
  readonly random: Random;
  /** Aborted when a drain has reached its limit: one last try, then the call's own error. */
  readonly abandoned: AbortSignal;
  /** `repeated`: what is tried again, until `onOutageOver` says that it is not any more. */
  onOutage(error: LedgerUnavailable, repeated: object): void;
  onOutageOver(repeated: object): void;
}

/**
 * Repeats a ledger call until it is answered. Only for calls that are safe to repeat and must not be lost: the end of an attempt
 * has to be written down before anything else happens on that claim. Rejects with everything but LedgerUnavailable,
 * and with that only when the drain is over.
 */
export async function untilRecorded<Answer>(
  call: () => Promise<Answer>,
  context: RepeatContext,
): Promise<Answer> {
  return await repeat(call, context).finally(() => context.onOutageOver(call));
}

async function repeat<Answer>(call: () => Promise<Answer>, context: RepeatContext): Promise<Answer> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof LedgerUnavailable) || context.abandoned.aborted) throw error;
      context.onOutage(error, call);
      await context.clock.sleep(pauseMs * (0.5 + context.random() / 2), context.abandoned);
    }
  }
}

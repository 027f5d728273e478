import type { Logger } from 'pino';
import { LedgerAbsent, LedgerUnavailable } from '../../domain/ports/ledger.ts';
import { openRedisLedger, type RedisLedger, type RedisLedgerOptions } from '../../ledger/redis-ledger.ts';
import { clockJumpSentence } from '../../ledger/ledger-look.ts';
import { sentenceOf } from '../../ledger/tail/tail.ts';
import { systemClock } from '../system-clock.ts';

/** Pause between attempts to reach the ledger at start, milliseconds. */
const LEDGER_RETRY_MS = 1_000;

/**
 * A pod that starts before Redis, or before the ledger is made, waits, and says why when that changes; a signal ends the wait, and then there
 * is no ledger. One that is lost is opened: it says so to every call, until a person confirms.
 */
export async function openWhenReachable(
  options: RedisLedgerOptions,
  log: Logger,
  stopping: AbortSignal,
): Promise<RedisLedger | undefined> {
  let reason: string | undefined;
  while (!stopping.aborted) {
    try {
      return await openRedisLedger({
        ...options,
        onTold: (told) => log.warn(told, sentenceOf(told)),
        onTrouble: (sentence) => log.warn(sentence),
        onClockJump: (jumpMs) => log.warn({ jumpMs }, clockJumpSentence(jumpMs)),
      });
    } catch (error) {
      if (!(error instanceof LedgerUnavailable || error instanceof LedgerAbsent)) throw error;
      if (error.message !== reason) log.warn({ err: error }, 'Ledger cannot be opened yet');
      reason = error.message;
      await systemClock.sleep(LEDGER_RETRY_MS, stopping);
    }
  }
  return undefined;
}

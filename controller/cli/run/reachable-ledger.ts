import type { Logger } from 'pino';
import { LedgerUnavailable } from '../../domain/ports/ledger.ts';
import { openRedisLedger, type RedisLedger } from '../../ledger/redis-ledger.ts';
import { systemClock } from '../system-clock.ts';

/** Pause between attempts to reach the ledger at start, milliseconds. */
const LEDGER_RETRY_MS = 1_000;

/** A pod that starts before Redis waits for it; a signal ends the wait, and then there is no ledger. */
export async function openWhenReachable(
  config: { readonly redisUrl: string; readonly ledgerPrefix: string },
  log: Logger,
  stopping: AbortSignal,
): Promise<RedisLedger | undefined> {
  while (!stopping.aborted) {
    try {
      return await openRedisLedger({ url: config.redisUrl, prefix: `${config.ledgerPrefix}:` });
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      log.warn({ err: error }, 'Ledger cannot be reached yet');
      await systemClock.sleep(LEDGER_RETRY_MS, stopping);
    }
  }
  return undefined;
}

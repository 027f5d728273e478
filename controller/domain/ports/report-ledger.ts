import type { AttemptRecord } from '../../api/attempt.ts';
import type { PoolKey } from './queue-ledger.ts';

/** Counters of one route of a pool. */
export interface RouteCounters {
  readonly route: string;
  readonly sent: number;
  readonly deferred: number;
  readonly failed: number;
  readonly suppressed: number;
  readonly uncertain: number;
  readonly overflow: number;
  readonly replies: readonly {
    readonly code: number;
    readonly enhancedCode: string;
    readonly count: number;
  }[];
  /** Last reply that was not an acceptance, `code enhanced text`, and its time (ledger's clock). */
  readonly lastReply?: { readonly text: string; readonly timeMs: number };
}

/** What happened, kept beside the queue and counted in the same script that settles. */
export interface ReportLedger {
  routes(pool: PoolKey): Promise<readonly RouteCounters[]>;
  /** Attempt records after `cursor` (empty = from the oldest kept), oldest first, at most `limit`. */
  attempts(
    pool: PoolKey,
    cursor: string,
    limit: number,
  ): Promise<{ readonly records: readonly AttemptRecord[]; readonly cursor: string }>;
}

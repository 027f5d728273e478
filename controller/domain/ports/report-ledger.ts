import type { AttemptRecord } from '../../api/attempt.ts';
import type { PoolKey } from './queue-ledger.ts';
import type { QuotaSubject } from './quota-ledger.ts';

/** Counters of one route of a pool: how what was settled with this route ended. */
export interface RouteCounters {
  readonly route: string;
  /** Messages delivered, those that were Uncertain until there was evidence included. */
  readonly sent: number;
  readonly deferred: number;
  readonly failed: number;
  readonly suppressed: number;
  /** Messages that are Uncertain now. */
  readonly uncertain: number;
  /** Of `sent`, those whose record names a reason for overflow. */
  readonly overflow: number;
  /** Last replies of all attempt records, acceptances included. */
  readonly replies: readonly {
    readonly code: number;
    readonly enhancedCode: string;
    readonly count: number;
  }[];
  /** Last reply that was not an acceptance, `code enhanced text`, and its time (ledger's clock). */
  readonly lastReply?: { readonly text: string; readonly timeMs: number };
}

/** Messages of one campaign that wait for one shared limit. */
export interface LimitedMessages {
  readonly limit: QuotaSubject;
  readonly campaign: string;
  readonly messages: number;
}

/** What happened, kept beside the queue and counted in the same script that settles. */
export interface ReportLedger {
  routes(pool: PoolKey): Promise<readonly RouteCounters[]>;
  /** How many messages wait for which shared limit, sorted by limit and campaign. */
  limited(pool: PoolKey): Promise<readonly LimitedMessages[]>;
  /** Attempt records after `cursor` (empty = from the oldest kept), oldest first, at most `limit`. */
  attempts(
    pool: PoolKey,
    cursor: string,
    limit: number,
  ): Promise<{ readonly records: readonly AttemptRecord[]; readonly cursor: string }>;
}

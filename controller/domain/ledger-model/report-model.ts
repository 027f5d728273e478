import type { PoolKey } from '../ports/queue-ledger.ts';
import type { ReportLedger } from '../ports/report-ledger.ts';
import type { PoolState } from './pool-state.ts';

/** Reports in memory. A cursor is the number of records read. */
export function createReportModel(poolOf: (key: PoolKey) => PoolState): ReportLedger {
  return {
    async routes(key) {
      return [...poolOf(key).routes].map(([route, { replies, ...tally }]) => ({
        route,
        ...tally,
        replies: [...replies.values()],
      }));
    },
    async attempts(key, cursor, limit) {
      const first = Number(cursor);
      const records = poolOf(key).attempts.slice(first, first + limit);
      return { records, cursor: String(first + records.length) };
    },
  };
}

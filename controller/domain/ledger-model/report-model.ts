import type { PoolKey } from '../ports/queue-ledger.ts';
import type { LimitedMessages, ReportLedger } from '../ports/report-ledger.ts';
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
    async limited(key) {
      const counted = new Map<string, LimitedMessages>();
      for (const { key: message, place } of poolOf(key).messages.values()) {
        if (place.kind !== 'Waiting' || place.limit === undefined) continue;
        const { limit } = place;
        const name = `${limit} ${message.campaign}`;
        const messages = (counted.get(name)?.messages ?? 0) + 1;
        counted.set(name, { limit, campaign: message.campaign, messages });
      }
      return [...counted].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, waiting]) => waiting);
    },
    async attempts(key, cursor, limit) {
      const first = Number(cursor);
      const records = poolOf(key).attempts.slice(first, first + limit);
      return { records, cursor: String(first + records.length) };
    },
  };
}

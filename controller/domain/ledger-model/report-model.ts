import type { PoolKey } from '../ports/queue-ledger.ts';
import type { LimitedMessages, ReportLedger } from '../ports/report-ledger.ts';
import type { PoolState } from './pool-state.ts';

/** Reports in memory. A cursor is the serial number of the last record read. */
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
      const after = Number(cursor);
      const read = [...poolOf(key).attempts].filter(([serial]) => serial > after).slice(0, limit);
      return { records: read.map(([, record]) => record), cursor: String(read.at(-1)?.[0] ?? after) };
    },
  };
}

import type { RouteCounters } from '../ports/report-ledger.ts';
import { statusTime } from './status-time.ts';

/** Longest reply that a status keeps, characters. */
const MAX_REPLY = 600;

/** The counters that mailboxes and ESPs show alike; nothing is shown of a route that never did anything. */
export function routeCounts(counters: RouteCounters | undefined): {
  delivered?: number;
  deferred?: number;
  failed?: number;
  lastReply?: string;
  lastReplyTime?: string;
} {
  if (counters === undefined) return {};
  const { sent, deferred, failed, lastReply } = counters;
  const reply =
    lastReply === undefined
      ? {}
      : { lastReply: lastReply.text.slice(0, MAX_REPLY), lastReplyTime: statusTime(lastReply.timeMs) };
  return { delivered: sent, deferred, failed, ...reply };
}

import { attemptRecordSchema, type AttemptRecord } from '../api/attempt.ts';
import type { PoolKey } from '../domain/ports/queue-ledger.ts';
import type { LimitedMessages, ReportLedger, RouteCounters } from '../domain/ports/report-ledger.ts';
import { list, number, text } from './reply.ts';
import type { Store } from './store.ts';

type Values = Map<string, string>;

/** Counters and attempt records in Redis: `settle` writes them, this reads them. */
export class RedisReportLedger implements ReportLedger {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async routes(pool: PoolKey): Promise<readonly RouteCounters[]> {
    const { routes } = this.#store.keys.pool(pool);
    const fields = await this.#store.ask((client) => client.hgetall(routes));
    const byRoute = new Map<string, Values>();
    for (const [field, value] of Object.entries(fields)) {
      const [route = '', name = ''] = field.split('\t');
      const values = byRoute.get(route) ?? new Map<string, string>();
      byRoute.set(route, values.set(name, value));
    }
    return [...byRoute]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([route, values]) => counters(route, values));
  }

  async limited(pool: PoolKey): Promise<readonly LimitedMessages[]> {
    const { limited } = this.#store.keys.pool(pool);
    const reply = list(await this.#store.run('queue-limited', [limited], []));
    return reply.map((entry) => {
      const [limit, campaign, messages] = list(entry);
      return { limit: text(limit), campaign: text(campaign), messages: number(messages) };
    });
  }

  async attempts(
    pool: PoolKey,
    cursor: string,
    limit: number,
  ): Promise<{ readonly records: readonly AttemptRecord[]; readonly cursor: string }> {
    const { attempts } = this.#store.keys.pool(pool);
    const from = cursor === '' ? '-' : `(${cursor}`;
    const entries = await this.#store.ask((client) => client.xrange(attempts, from, '+', 'COUNT', limit));
    return {
      records: entries.map(([, fields]) => attemptRecordSchema.parse(JSON.parse(fields[1] ?? ''))),
      cursor: entries.at(-1)?.[0] ?? cursor,
    };
  }
}

function counters(route: string, values: Values): RouteCounters {
  const count = (name: string): number => Number(values.get(name) ?? 0);
  const text = values.get('last');
  return {
    route,
    sent: count('sent'),
    deferred: count('deferred'),
    failed: count('failed'),
    suppressed: count('suppressed'),
    uncertain: count('uncertain'),
    overflow: count('overflow'),
    replies: [...values]
      .flatMap(([name, value]) => replyCount(name, value))
      .sort((one, other) => other.count - one.count),
    ...(text !== undefined && { lastReply: { text, timeMs: count('lastMs') } }),
  };
}

function replyCount(name: string, value: string): { code: number; enhancedCode: string; count: number }[] {
  const [, code, enhancedCode = ''] = /^reply (\d+) (.*)$/.exec(name) ?? [];
  return code === undefined ? [] : [{ code: Number(code), enhancedCode, count: Number(value) }];
}

import type { Report } from '../../api/report.ts';
import type { WireTransaction } from '../../api/wire-log.ts';

/** One number that the report and the wire log should agree on. */
export interface Comparison {
  readonly what: string;
  readonly report: number;
  readonly wire: number;
}

/**
 * The report against what the providers saw: per route the accepted messages and every reply by its code. An Uncertain message is one
 * that the provider took while we never heard so; the two logs are allowed to differ by exactly those.
 */
export function compareWithWire(
  report: Report,
  wireLog: readonly WireTransaction[],
  accountOf: (route: string) => string,
): Comparison[] {
  const transactions = wireLog.filter(({ kind }) => kind === 'Transaction');
  return report.pools
    .flatMap((pool) => pool.routes)
    .flatMap((route) => {
      const seen = transactions.filter(({ account }) => account === accountOf(route.route));
      return [
        {
          what: `${route.route}: accepted`,
          report: route.sent + route.uncertain,
          wire: seen.filter(({ accepted }) => accepted).length,
        },
        ...codeCounts(route.route, route.replies, seen),
      ];
    });
}

function codeCounts(
  route: string,
  replies: readonly { readonly code: number; readonly count: number }[],
  seen: readonly WireTransaction[],
): Comparison[] {
  const reported = new Map<number, number>();
  for (const { code, count } of replies) reported.set(code, (reported.get(code) ?? 0) + count);
  const wire = new Map<number, number>();
  for (const { reply } of seen) {
    const code = Number(reply.slice(0, 3));
    wire.set(code, (wire.get(code) ?? 0) + 1);
  }
  const codes = [...new Set([...reported.keys(), ...wire.keys()])].sort((a, b) => a - b);
  return codes.map((code) => ({
    what: `${route}: ${code === 0 ? 'no reply' : `reply ${code}`}`,
    report: reported.get(code) ?? 0,
    wire: wire.get(code) ?? 0,
  }));
}

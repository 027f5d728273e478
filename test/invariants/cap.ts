import type { WireTransaction } from '../../controller/api/wire-log.ts';
import { at, slackOf, transactionsOf, type CapInForce, type Evidence, type Violation } from './evidence.ts';

/**
 * Invariant 1: in every window, wherever it begins, an account was seen to name no more recipients than its cap. It is enough to look
 * at the windows that end with a transaction.
 */
export function capViolations(evidence: Evidence): Violation[] {
  const accounts = new Set(evidence.caps.map(({ account }) => account));
  return [...accounts].flatMap((account) => {
    const caps = evidence.caps.filter((cap) => cap.account === account);
    const own = transactionsOf(evidence).filter((transaction) => transaction.account === account);
    return windowsOverCap(own, caps, evidence);
  });
}

function windowsOverCap(
  transactions: readonly WireTransaction[],
  caps: readonly CapInForce[],
  evidence: Evidence,
): Violation[] {
  const violations: Violation[] = [];
  let first = 0;
  let recipients = 0;
  for (const transaction of transactions) {
    recipients += transaction.rcpts.length;
    for (let oldest = transactions[first]; oldest !== undefined; oldest = transactions[first]) {
      if (oldest.timeMs > transaction.timeMs - evidence.windowMs) break;
      recipients -= oldest.rcpts.length;
      first += 1;
    }
    const cap = capAt(caps, transaction.timeMs, slackOf(evidence));
    if (recipients > cap) {
      violations.push({
        invariant: 'Cap',
        text: `${transaction.account} named ${recipients} recipients in the ${evidence.windowMs} ms before ${at(transaction.timeMs)}; its cap was ${cap}.`,
      });
    }
  }
  return violations;
}

/** The largest cap in force within the slack before a time: a message may have been reserved just before an edit. */
function capAt(caps: readonly CapInForce[], timeMs: number, slackMs: number): number {
  const known = caps
    .map(({ recipients, fromMs = -Infinity }) => ({ recipients, fromMs }))
    .sort((a, b) => a.fromMs - b.fromMs);
  const inForce = known.filter(({ fromMs }, index) => {
    const endMs = known[index + 1]?.fromMs ?? Infinity;
    return fromMs <= timeMs && endMs > timeMs - slackMs;
  });
  return Math.max(...inForce.map(({ recipients }) => recipients), inForce.length === 0 ? Infinity : 0);
}

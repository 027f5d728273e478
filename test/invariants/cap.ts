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
    return windowsOverCap(own, { name: account, caps, windowMs: evidence.windowMs }, slackOf(evidence));
  });
}

/** The same of what several accounts send together: a pool, a pool to one domain, a From domain to one provider. */
export function sharedCapViolations(evidence: Evidence): Violation[] {
  const shared = Map.groupBy(evidence.sharedCaps ?? [], ({ name }) => name);
  return [...shared].flatMap(([name, caps]) => {
    const [{ windowMs, accounts, domains, senderDomain } = {}] = caps;
    const counted = transactionsOf(evidence)
      .filter(({ account }) => accounts?.includes(account) ?? true)
      .filter(({ from }) => senderDomain === undefined || isWithin(from, [senderDomain]))
      .map((seen) => ({ ...seen, rcpts: seen.rcpts.filter((rcpt) => !domains || isWithin(rcpt, domains)) }))
      .filter(({ rcpts }) => rcpts.length > 0);
    const limit = { name, caps, windowMs: windowMs ?? evidence.windowMs };
    return windowsOverCap(counted, limit, slackOf(evidence));
  });
}

function isWithin(address: string, domains: readonly string[]): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return domains.some((parent) => domain === parent || domain.endsWith(`.${parent}`));
}

interface LimitInForce {
  readonly name: string;
  readonly caps: readonly Pick<CapInForce, 'recipients' | 'fromMs'>[];
  readonly windowMs: number;
}

function windowsOverCap(
  transactions: readonly WireTransaction[],
  { name, caps, windowMs }: LimitInForce,
  slackMs: number,
): Violation[] {
  const violations: Violation[] = [];
  let first = 0;
  let recipients = 0;
  for (const transaction of transactions) {
    recipients += transaction.rcpts.length;
    for (let oldest = transactions[first]; oldest !== undefined; oldest = transactions[first]) {
      if (oldest.timeMs > transaction.timeMs - windowMs) break;
      recipients -= oldest.rcpts.length;
      first += 1;
    }
    const cap = capAt(caps, transaction.timeMs, slackMs);
    if (recipients > cap) {
      violations.push({
        invariant: 'Cap',
        text: `${name} named ${recipients} recipients in the ${windowMs} ms before ${at(transaction.timeMs)}; its cap was ${cap}.`,
      });
    }
  }
  return violations;
}

/** The largest cap in force within the slack before a time: a message may have been reserved just before an edit. */
function capAt(caps: LimitInForce['caps'], timeMs: number, slackMs: number): number {
  const known = caps
    .map(({ recipients, fromMs = -Infinity }) => ({ recipients, fromMs }))
    .sort((a, b) => a.fromMs - b.fromMs);
  const inForce = known.filter(({ fromMs }, index) => {
    const endMs = known[index + 1]?.fromMs ?? Infinity;
    return fromMs <= timeMs && endMs > timeMs - slackMs;
  });
  return Math.max(...inForce.map(({ recipients }) => recipients), inForce.length === 0 ? Infinity : 0);
}

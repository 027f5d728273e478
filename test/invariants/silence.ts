import { parseSuppressionEntry } from '../../controller/domain/address/suppression-entry.ts';
import { suppressionKeys } from '../../controller/domain/address/suppression-keys.ts';
import {
  at,
  nameOf,
  transactionsOf,
  type AcknowledgedSuppression,
  type Evidence,
  type Violation,
} from './evidence.ts';

type Keys = ReturnType<typeof suppressionKeys>;

/** Invariant 2: no RCPT, on any route, for an address whose suppression was acknowledged before its MAIL FROM. */
export function silenceViolations(evidence: Evidence): Violation[] {
  const { suppressions = [] } = evidence;
  if (suppressions.length === 0) return [];
  const transactions = transactionsOf(evidence).map((transaction) => ({
    transaction,
    keys: transaction.rcpts.map((rcpt) => suppressionKeys(rcpt)),
  }));
  return suppressions.flatMap((suppression) => {
    const isMeant = matcherOf(suppression);
    return transactions
      .filter(({ transaction }) => transaction.timeMs > suppression.acknowledgedMs)
      .filter(({ keys }) => keys.some(isMeant))
      .map(({ transaction }) => ({
        invariant: 'SuppressedMeansSilent' as const,
        text: `${nameOf(transaction)} although ${suppression.address} was suppressed since ${at(suppression.acknowledgedMs)}.`,
      }));
  });
}

function matcherOf({ address }: AcknowledgedSuppression): (keys: Keys) => boolean {
  const entry = parseSuppressionEntry(address);
  if ('problem' in entry) throw new Error(`The suppression "${address}" ${entry.problem}.`);
  return ({ addresses, domains }) =>
    entry.kind === 'Domain'
      ? domains.includes(entry.domain)
      : addresses.some((key) => entry.keys.includes(key));
}

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

/** Invariant 2: no RCPT, on any route, for an address whose suppression was acknowledged before its MAIL FROM. */
export function silenceViolations(evidence: Evidence): Violation[] {
  const { suppressions = [] } = evidence;
  if (suppressions.length === 0) return [];
  const byKey = Map.groupBy(
    suppressions.flatMap((suppression) => keysOf(suppression).map((key) => ({ key, suppression }))),
    ({ key }) => key,
  );
  return transactionsOf(evidence).flatMap((transaction) => {
    const keys = transaction.rcpts.flatMap((rcpt) => {
      const { addresses, domains } = suppressionKeys(rcpt);
      return [...addresses, ...domains.map((domain) => `@${domain}`)];
    });
    const meant = new Set(keys.flatMap((key) => byKey.get(key) ?? []).map(({ suppression }) => suppression));
    return [...meant]
      .filter(({ acknowledgedMs }) => transaction.timeMs > acknowledgedMs)
      .map(({ address, acknowledgedMs }) => ({
        invariant: 'SuppressedMeansSilent' as const,
        text: `${nameOf(transaction)} although ${address} was suppressed since ${at(acknowledgedMs)}.`,
      }));
  });
}

function keysOf({ address }: AcknowledgedSuppression): readonly string[] {
  const entry = parseSuppressionEntry(address);
  if ('problem' in entry) throw new Error(`The suppression "${address}" ${entry.problem}.`);
  return entry.kind === 'Domain' ? [`@${entry.domain}`] : entry.keys;
}

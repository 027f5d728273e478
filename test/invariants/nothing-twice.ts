import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import { canonicalAddress } from '../../controller/domain/address/canonical-address.ts';
import { at, nameOf, transactionsOf, type Evidence, type Violation } from './evidence.ts';
import { matchTransactions } from './transaction-match.ts';

/**
 * Invariant 4: providers accept a Message-ID, and a (campaign, step, recipient), at most once; and a message whose end is unknown is not
 * sent again, but to an ESP that knows it by its key.
 */
export function repetitionViolations(evidence: Evidence): Violation[] {
  const accepted = transactionsOf(evidence).filter((transaction) => transaction.accepted);
  const texts = [
    ...repeated(accepted, ({ messageId }) => [messageId]),
    ...repeated(accepted, recipientKeys(evidence)),
    ...silentRetries(evidence),
  ];
  return texts.map((text) => ({ invariant: 'NothingTwice', text }));
}

function repeated(
  accepted: readonly WireTransaction[],
  keysOf: (transaction: WireTransaction) => readonly string[],
): string[] {
  const first = new Map<string, WireTransaction>();
  const faults: string[] = [];
  for (const transaction of accepted) {
    for (const key of keysOf(transaction)) {
      const before = first.get(key);
      if (before === undefined) first.set(key, transaction);
      else faults.push(`${key} was accepted by ${nameOf(before)} and again by ${nameOf(transaction)}.`);
    }
  }
  return faults;
}

/** Campaign and step of a message are in its attempt records; without any, it has no such key. */
function recipientKeys({ attempts }: Evidence): (transaction: WireTransaction) => readonly string[] {
  const steps = new Map(
    attempts.map(({ messageId, namespace, campaign, step }) => [
      messageId,
      `${namespace}/${campaign}, step ${step}`,
    ]),
  );
  return ({ messageId, acceptedRcpts }) => {
    const step = steps.get(messageId);
    return step === undefined ? [] : acceptedRcpts.map((rcpt) => `${step}, ${canonicalAddress(rcpt)}`);
  };
}

function silentRetries(evidence: Evidence): string[] {
  if (evidence.mayRetryUncertain === true) return [];
  const resolved = new Set(evidence.resolvedMessageIds);
  const uncertain = evidence.attempts.filter(
    ({ outcome, messageId }) => outcome === 'Uncertain' && !resolved.has(messageId),
  );
  const own = new Map(
    matchTransactions(evidence).pairs.map(({ transaction, record }) => [record, transaction]),
  );
  const byMessage = Map.groupBy(transactionsOf(evidence), ({ messageId }) => messageId);
  const { keyedLogins = [], loginsOfRoutes = {} } = evidence;
  const isKeyed = (login: string, record: AttemptRecord): boolean =>
    keyedLogins.includes(login) && loginsOfRoutes[record.route] === login;
  return uncertain.flatMap((record) =>
    (byMessage.get(record.messageId) ?? [])
      .filter((transaction) => transaction !== own.get(record) && transaction.timeMs > record.timeMs)
      .filter(({ account }) => !isKeyed(account, record))
      .map((again) => `${nameOf(again)}, although the message was Uncertain since ${at(record.timeMs)}.`),
  );
}

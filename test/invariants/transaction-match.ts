import type { AttemptRecord, SmtpCommand } from '../../controller/api/attempt.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import { slackOf, transactionsOf, type Evidence } from './evidence.ts';

export interface TransactionMatch {
  readonly pairs: readonly { readonly transaction: WireTransaction; readonly record: AttemptRecord }[];
  /** Transactions that no record speaks of. */
  readonly unrecorded: readonly WireTransaction[];
  /** Records that speak of a transaction which no provider saw. */
  readonly unseen: readonly AttemptRecord[];
}

/** Commands of a transaction: whoever got a reply to one of them was on the wire. */
const ON_WIRE: ReadonlySet<SmtpCommand> = new Set<SmtpCommand>(['MAIL', 'RCPT', 'DATA', 'DOT']);

/**
 * Finds the record of each transaction: by Message-ID where the message was transmitted, else by recipient; by account and time. An
 * attempt that got no reply may or may not have been seen by the provider; one that ended before MAIL FROM was not.
 */
export function matchTransactions(evidence: Evidence): TransactionMatch {
  const slackMs = slackOf(evidence);
  const records = evidence.attempts.filter(({ command }) => ON_WIRE.has(command));
  const candidatesFor = index(records);
  const taken = new Set<AttemptRecord>();
  const pairs: { transaction: WireTransaction; record: AttemptRecord }[] = [];
  const unrecorded: WireTransaction[] = [];
  const transactions = transactionsOf(evidence);
  // Those with a Message-ID first: they are sure, what is left is narrowed down by them.
  const order = [
    ...transactions.filter(({ messageId }) => messageId !== ''),
    ...transactions.filter(({ messageId }) => messageId === ''),
  ];
  for (const transaction of order) {
    const [record] = candidatesFor(transaction)
      .filter((candidate) => !taken.has(candidate) && speaksOf(candidate, transaction, slackMs))
      .sort((a, b) => distance(a, transaction) - distance(b, transaction));
    if (record === undefined) {
      unrecorded.push(transaction);
    } else {
      taken.add(record);
      pairs.push({ transaction, record });
    }
  }
  const unseen = records.filter((record) => record.code > 0 && !taken.has(record));
  return { pairs, unrecorded, unseen };
}

/** The records that a transaction may be the one of, by what is known of it; a run has too many to look at all of them. */
function index(
  records: readonly AttemptRecord[],
): (transaction: WireTransaction) => readonly AttemptRecord[] {
  const byMessage = Map.groupBy(records, ({ messageId }) => messageId);
  const byRecipient = Map.groupBy(records, ({ recipient }) => recipient);
  return ({ messageId, rcpts }) => {
    if (messageId !== '') return byMessage.get(messageId) ?? [];
    return rcpts.length === 0 ? records : rcpts.flatMap((rcpt) => byRecipient.get(rcpt) ?? []);
  };
}

/** Whether time and account of a candidate fit. */
function speaksOf(record: AttemptRecord, transaction: WireTransaction, slackMs: number): boolean {
  const { account, service, timeMs } = transaction;
  const startMs = record.timeMs - record.durationMs;
  if (timeMs < startMs - slackMs || timeMs > record.timeMs + slackMs) return false;
  return service !== 'Submission' || record.account === account;
}

/** How well a record fits a transaction without a Message-ID: by the code of the reply, then by the end. */
function distance(record: AttemptRecord, transaction: WireTransaction): number {
  const isSameReply = transaction.reply.startsWith(`${record.code} `);
  return Math.abs(record.timeMs - transaction.endMs) + (isSameReply ? 0 : 1e9);
}

import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import { at, nameOf, transactionsOf, type Evidence, type Pause, type Violation } from './evidence.ts';
import { matchTransactions } from './transaction-match.ts';

/** A second after something was suspended there is no new MAIL FROM. */
const PAUSE_TAKES_MS = 1_000;

/** Invariant 6: no new MAIL FROM of a suspended Campaign, Mailbox or Pool after one second. */
export function pauseViolations(evidence: Evidence): Violation[] {
  const { pauses = [] } = evidence;
  if (pauses.length === 0) return [];
  const records = new Map(
    matchTransactions(evidence).pairs.map(({ transaction, record }) => [transaction, record]),
  );
  return pauses.flatMap((pause) =>
    transactionsOf(evidence)
      .filter(({ timeMs }) => timeMs > pause.fromMs + PAUSE_TAKES_MS && timeMs < (pause.toMs ?? Infinity))
      .filter((transaction) => isMeant(pause, transaction, records.get(transaction)))
      .map((transaction) => ({
        invariant: 'PauseIsNow' as const,
        text: `${nameOf(transaction)} although ${nameOfScope(pause)} was suspended since ${at(pause.fromMs)}.`,
      })),
  );
}

/** A transaction without a record may be of any campaign and pool: it is taken to be of the suspended one. */
function isMeant({ scope }: Pause, transaction: WireTransaction, record: AttemptRecord | undefined): boolean {
  switch (scope.kind) {
    case 'Account':
      return transaction.account === scope.account;
    case 'Campaign':
      return record === undefined || record.campaign === scope.campaign;
    case 'Pool':
      return record === undefined || record.pool === scope.pool;
  }
}

function nameOfScope({ scope }: Pause): string {
  switch (scope.kind) {
    case 'Account':
      return scope.account;
    case 'Campaign':
      return `campaign ${scope.campaign}`;
    case 'Pool':
      return `pool ${scope.pool}`;
  }
}

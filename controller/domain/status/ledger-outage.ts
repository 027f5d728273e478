import type { LedgerHealth } from '../ports/ledger.ts';
import type { Cause } from './conditions.ts';

export const LEDGER_UNREACHABLE: Cause = {
  reason: 'LedgerUnavailable',
  message: 'the ledger cannot be reached: nothing is sent until it can',
};

/** Why nothing of the ledger can be told: it is lost, or, without health, out of reach. Undefined while it can be read. */
export function ledgerOutage(ledger: LedgerHealth | undefined): Cause | undefined {
  if (ledger === undefined) return LEDGER_UNREACHABLE;
  return ledger.reason === 'LedgerLost' ? ledger : undefined;
}

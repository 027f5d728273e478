import { describeQueueLedger } from './queue-ledger.contract.ts';
import { describeQuotaLedger } from './quota-ledger.contract.ts';
import type { LedgerSetup } from './ledger-setup.ts';

/** All suites: what every Ledger must do. */
export function describeLedger(name: string, setup: LedgerSetup): void {
  describeQuotaLedger(name, setup);
  describeQueueLedger(name, setup);
}

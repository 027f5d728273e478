import { describeAudienceLedger } from './audience-ledger.contract.ts';
import { describeLaneLedger } from './lane-ledger.contract.ts';
import type { LedgerSetup } from './ledger-setup.ts';
import { describePlanLedger } from './plan-ledger.contract.ts';
import { describeQueueLedger } from './queue-ledger.contract.ts';
import { describeQuotaLedger } from './quota-ledger.contract.ts';
import { describeReportLedger } from './report-ledger.contract.ts';
import { describeSuppressionLedger } from './suppression-ledger.contract.ts';

/** All suites: what every Ledger must do. */
export function describeLedger(name: string, setup: LedgerSetup): void {
  describeQuotaLedger(name, setup);
  describeQueueLedger(name, setup);
  describeLaneLedger(name, setup);
  describeSuppressionLedger(name, setup);
  describeAudienceLedger(name, setup);
  describePlanLedger(name, setup);
  describeReportLedger(name, setup);
}

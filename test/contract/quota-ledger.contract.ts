import { describe } from 'vitest';
import { useLedger, type LedgerSetup } from './ledger-setup.ts';
import { describeConsequences } from './quota-consequences.contract.ts';
import { describePacing } from './quota-pacing.contract.ts';
import { describeReservations } from './quota-reservations.contract.ts';
import { describeReservationsToldAgain } from './quota-restate.contract.ts';
import { describeSharedLimits } from './shared-limits.contract.ts';

/** What every QuotaLedger must do. */
export function describeQuotaLedger(name: string, setup: LedgerSetup): void {
  describe(`quota ledger: ${name}`, () => {
    const handle = useLedger(setup);
    describeReservations(handle);
    describePacing(handle);
    describeConsequences(handle);
    describeSharedLimits(handle);
    describeReservationsToldAgain(handle);
  });
}

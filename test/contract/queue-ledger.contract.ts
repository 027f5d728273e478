import { describe } from 'vitest';
import { useLedger, type LedgerSetup } from './ledger-setup.ts';
import { describeBegin } from './queue-begin.contract.ts';
import { describeClaims } from './queue-claims.contract.ts';
import { describeEndedCampaigns } from './queue-ended.contract.ts';
import { describeLimits } from './queue-limits.contract.ts';
import { describeRecovery } from './queue-recovery.contract.ts';
import { describeRepeats } from './queue-repeat.contract.ts';
import { describeRestating } from './queue-restate.contract.ts';
import { describeUncertain } from './queue-uncertain.contract.ts';
import { describeSettlements } from './queue-settlements.contract.ts';

/** What every QueueLedger must do. */
export function describeQueueLedger(name: string, setup: LedgerSetup): void {
  describe(`queue ledger: ${name}`, () => {
    const handle = useLedger(setup);
    describeClaims(handle);
    describeBegin(handle);
    describeSettlements(handle);
    describeLimits(handle);
    describeRecovery(handle);
    describeUncertain(handle);
    describeRepeats(handle);
    describeRestating(handle);
    describeEndedCampaigns(handle);
  });
}

import { createLedgerModel } from '../../controller/domain/ledger-model/ledger-model.ts';
import { describeLedger } from './ledger.contract.ts';
import { describeQuotaHistories } from './quota-histories.contract.ts';
import type { WindowShape } from '../../controller/domain/quota/rolling-window.ts';
import type { LedgerUnderTest } from './ledger-setup.ts';

describeLedger('model in memory', async () => modelUnderTest());
describeQuotaHistories('model in memory', async (shape) => modelUnderTest(shape), { runs: 100, side: 1 });

/** The model on a clock that only `advance` moves; a sleeper wakes when its time has come. */
function modelUnderTest(quotaShape?: WindowShape): LedgerUnderTest {
  let nowMs = 1_800_000_000_000;
  const sleepers: { untilMs: number; wake: () => void }[] = [];
  const ledger = createLedgerModel({
    now: () => nowMs,
    sleep: (ms) => new Promise((wake) => sleepers.push({ untilMs: nowMs + ms, wake })),
    ...(quotaShape !== undefined && { quotaShape }),
  });
  return {
    ledger,
    advance: async (ms) => {
      nowMs += ms;
      for (const sleeper of sleepers) if (sleeper.untilMs <= nowMs) sleeper.wake();
    },
    teardown: () => ledger.close(),
  };
}

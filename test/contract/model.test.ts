import { createLedgerModel } from '../../controller/domain/ledger-model/ledger-model.ts';
import { describeLedger } from './ledger.contract.ts';
import type { LedgerUnderTest } from './ledger-setup.ts';

describeLedger('model in memory', async () => modelUnderTest());

/** The model on a clock that only `advance` moves; a sleeper wakes when its time has come. */
function modelUnderTest(): LedgerUnderTest {
  let nowMs = 1_800_000_000_000;
  const sleepers: { untilMs: number; wake: () => void }[] = [];
  const ledger = createLedgerModel({
    now: () => nowMs,
    sleep: (ms) => new Promise((wake) => sleepers.push({ untilMs: nowMs + ms, wake })),
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

import { describe, expect, it } from 'vitest';
import { LedgerClock } from '../../../controller/domain/ledger-clock.ts';
import { createLedgerModel } from '../../../controller/domain/ledger-model/ledger-model.ts';
import { LaneTable } from '../../../controller/sender/lane-table.ts';
import { aPlan } from '../../builders/plan.ts';

const SENDER = { namespace: 'mail', pool: 'outreach', senderId: 's1' };
const HOUR_MS = 3_600_000;

/** A sender that holds its lane; time passes for it and for the ledger, whose clock is set besides. */
async function aTable() {
  let passedMs = 0;
  let setMs = 10 * HOUR_MS;
  const ledger = createLedgerModel({ now: () => passedMs + setMs, sleep: () => Promise.resolve() });
  const ledgerClock = new LedgerClock({
    now: () => 0,
    monotonic: () => passedMs,
    sleep: () => Promise.resolve(),
  });
  const open = () => Promise.reject(new Error('nothing is opened here'));
  const table = new LaneTable({ ledger, ledgerClock, open, only: undefined });
  const beat = () => table.beat(SENDER, aPlan());
  await beat();
  const lane = table.lanes.get('mailbox/anna');
  if (!lane) throw new Error('the lane was to be ours');
  return {
    lane,
    beat,
    now: () => ledgerClock.now(),
    reason: () => lane.stateAt(ledgerClock.now()).reason,
    pass: (ms: number) => (passedMs += ms),
    setClock: (byMs: number) => (setMs += byMs),
  };
}

describe('a lane that waits for its interval', () => {
  it.each([-HOUR_MS, HOUR_MS])('waits no longer when the clock of Redis is set by %i ms', async (byMs) => {
    const { lane, beat, now, reason, pass, setClock } = await aTable();
    lane.waitForInterval(now() + 60_000);
    pass(1_000);
    expect(reason()).toBe('Pacing');
    setClock(byMs);
    await beat();
    pass(60_000);
    expect(reason()).toBe('Connected');
  });
});

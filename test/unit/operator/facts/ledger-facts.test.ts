import { describe, expect, it } from 'vitest';
import { createLedgerModel } from '../../../../controller/domain/ledger-model/ledger-model.ts';
import type { Ledger } from '../../../../controller/domain/ports/ledger.ts';
import { LedgerFacts } from '../../../../controller/operator/facts/ledger-facts.ts';
import { aPlan } from '../../../builders/plan.ts';
import { keptLog, ManualClock } from '../kube/manual-clock.ts';
import { losableLedger } from '../played/failing-ledger.ts';

describe('what is known of a ledger', () => {
  it('is forgotten when that is lost: the one in its place is another', async () => {
    const clock = new ManualClock();
    const model = () => createLedgerModel({ now: () => clock.now(), sleep: (ms) => clock.sleep(ms) });
    const state: { present: Ledger | undefined } = { present: model() };
    const told: string[] = [];
    const facts = new LedgerFacts({
      ledger: losableLedger(() => state.present, model()),
      clock,
      log: keptLog(),
      onChanged: (_namespace, keys) => told.push(...keys),
      onPlanLost: () => undefined,
    });
    const plan = aPlan({ namespace: 'mail', pool: 'outreach' });
    facts.follow('mail', new Map([['outreach', plan]]));
    facts.start();
    await clock.advance(3_000);
    expect(facts.pool('mail', 'outreach')).toBeDefined();
    state.present = undefined;
    await clock.advance(12_000);
    expect(facts.health?.reason).toBe('LedgerLost');
    state.present = model();
    await facts.refresh('mail', []);
    expect(facts.pool('mail', 'outreach')).toBeUndefined();
    told.length = 0;
    await clock.advance(12_000);
    expect(facts.pool('mail', 'outreach')).toBeDefined();
    expect(told).toContain('SendingPool/outreach');
    await facts.stop();
  });
});

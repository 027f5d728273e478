import { describe, expect, it } from 'vitest';
import { LedgerUnavailable } from '../../../../controller/domain/ports/ledger.ts';
import { LeftBehind } from '../../../../controller/operator/compilation/left-behind.ts';
import { keptLog, ManualClock } from '../kube/manual-clock.ts';

/** Looks for what was left behind in answers given one after the other. */
function setUp(answers: readonly (string[] | Error)[], namespace?: string) {
  const clock = new ManualClock();
  const log = keptLog();
  const woken: string[] = [];
  let asked = 0;
  const findLeftBehind = async () => {
    const answer = answers[asked] ?? [];
    asked += 1;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const wake = (found: string) => void woken.push(found);
  const leftBehind = new LeftBehind({ publisher: { findLeftBehind }, namespace, wake, clock, log });
  return { clock, log, woken, leftBehind, asked: () => asked };
}

describe('what was left behind', () => {
  it('is looked for at the start and every ten minutes', async () => {
    const { clock, woken, leftBehind } = setUp([['sales', 'mail'], ['late']]);
    leftBehind.start();
    await clock.advance(1);
    expect(woken).toEqual(['sales', 'mail']);
    await clock.advance(600_000);
    expect(woken).toEqual(['sales', 'mail', 'late']);
    await leftBehind.stop();
  });

  it('is looked for again soon when the ledger is away', async () => {
    const { clock, log, woken, leftBehind } = setUp([new LedgerUnavailable('away'), ['mail']]);
    leftBehind.start();
    await clock.advance(5_001);
    expect(woken).toEqual(['mail']);
    expect(log.lines).toHaveLength(1);
    await leftBehind.stop();
  });

  it('is nobody’s business in a namespace that is not watched', async () => {
    const { clock, woken, leftBehind } = setUp([['sales', 'mail']], 'mail');
    leftBehind.start();
    await clock.advance(1);
    expect(woken).toEqual(['mail']);
    await leftBehind.stop();
  });
});

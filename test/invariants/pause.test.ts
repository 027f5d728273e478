import { describe, expect, it } from 'vitest';
import { aDelivery, anEvidence } from '../builders/evidence.ts';
import type { Pause } from './evidence.ts';
import { pauseViolations } from './pause.ts';

const SUSPENDED = 10_000;

function sentAt(timeMs: number, pause: Pick<Pause, 'scope' | 'toMs'>, hasRecord = true) {
  const { seen, record } = aDelivery(0, timeMs);
  const attempts = hasRecord ? [record] : [];
  return pauseViolations(
    anEvidence({ wireLog: [seen], attempts, pauses: [{ fromMs: SUSPENDED, ...pause }] }),
  );
}

const scopes: Pause['scope'][] = [
  { kind: 'Pool', pool: 'outreach' },
  { kind: 'Campaign', campaign: 'spring' },
  { kind: 'Account', account: 'anna@example.com' },
];
const others: Pause['scope'][] = [
  { kind: 'Pool', pool: 'other' },
  { kind: 'Campaign', campaign: 'autumn' },
  { kind: 'Account', account: 'ben@example.com' },
];

describe('pause is now', () => {
  it('when nothing was suspended', () => {
    expect(pauseViolations(anEvidence())).toEqual([]);
  });

  it.each(scopes)('is broken by a MAIL FROM more than a second after $kind was suspended', (scope) => {
    expect(sentAt(SUSPENDED + 1_001, { scope })).toEqual([
      { invariant: 'PauseIsNow', text: expect.stringMatching(/although .* was suspended since/) },
    ]);
    expect(sentAt(SUSPENDED + 1_000, { scope })).toEqual([]);
  });

  it.each(scopes)('ends when $kind is resumed', (scope) => {
    expect(sentAt(SUSPENDED + 5_000, { scope, toMs: SUSPENDED + 5_000 })).toEqual([]);
    expect(sentAt(SUSPENDED + 4_999, { scope, toMs: SUSPENDED + 5_000 })).toHaveLength(1);
  });

  it.each(others)('does not concern another $kind', (scope) => {
    expect(sentAt(SUSPENDED + 5_000, { scope })).toEqual([]);
  });

  it('takes a transaction without a record to be of what was suspended', () => {
    expect(sentAt(SUSPENDED + 5_000, { scope: { kind: 'Pool', pool: 'other' } }, false)).toHaveLength(1);
    expect(sentAt(SUSPENDED + 5_000, { scope: { kind: 'Campaign', campaign: 'x' } }, false)).toHaveLength(1);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reserve } from '../../../../controller/domain/quota/reserve.ts';
import { aDayLimit, aReserveRequest } from '../../../builders/quota.ts';
import { UNUSED } from './reserving.ts';

/** A subject that was never used; usage leaves without a margin. */

const WINDOW = 1_000;
const CAP = 10;

describe('the rolling cap', () => {
  it('holds in every window, wherever it begins', () => {
    const asks = fc.array(fc.record({ afterMs: fc.nat(400), recipients: fc.integer({ min: 1, max: 4 }) }));
    fc.assert(
      fc.property(asks, (history) => {
        const grants = granted(history);
        for (const last of grants) {
          const inWindow = grants.filter((g) => g.atMs > last.atMs - WINDOW && g.atMs <= last.atMs);
          expect(inWindow.reduce((sum, g) => sum + g.recipients, 0)).toBeLessThanOrEqual(CAP);
        }
      }),
    );
  });
});

function granted(history: readonly { afterMs: number; recipients: number }[]) {
  const limits = [aDayLimit({ windowMs: WINDOW, recipients: CAP })];
  const grants: { atMs: number; recipients: number }[] = [];
  let state = UNUSED;
  let atMs = 0;
  for (const ask of history) {
    atMs += ask.afterMs;
    const next = reserve(state, aReserveRequest({ limits, recipients: ask.recipients }), atMs);
    state = next.state;
    if (next.answer.granted) grants.push({ atMs, recipients: ask.recipients });
  }
  return grants;
}

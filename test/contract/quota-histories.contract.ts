import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WindowShape } from '../../controller/domain/quota/rolling-window.ts';
import { useLedger, type LedgerUnderTest } from './ledger-setup.ts';
import { HISTORY_SHAPE, aHistory } from './quota-histories.ts';
import { firstDifference } from './quota-history-run.ts';
import { overCap, sendAsFastAsPossible } from './quota-storm.ts';

export interface HistoryRuns {
  /** Rounds of `side` histories. */
  readonly runs: number;
  /** Histories that are lived at the same time. */
  readonly side: number;
  /** Of a failed run, to repeat it. */
  readonly seed?: number;
}

/**
 * Random histories: the ledger under test and the model agree at every step; and many callers at once never exceed the cap in
 * any window. The ledger must keep usage in the given shape. On a real clock a round takes about three seconds.
 */
export function describeQuotaHistories(
  name: string,
  setup: (shape: WindowShape) => Promise<LedgerUnderTest>,
  { runs, side, seed }: HistoryRuns,
): void {
  describe(`quota histories: ${name}`, () => {
    const handle = useLedger(() => setup(HISTORY_SHAPE));
    const parameters = { numRuns: runs, endOnFailure: true, ...(seed !== undefined && { seed }) };

    it('are the same as in the model', async () => {
      let lived = 0;
      const round = fc.array(aHistory, { minLength: side, maxLength: side });
      await fc.assert(
        fc.asyncProperty(round, async (histories) => {
          const differences = histories.map((history) => {
            lived += 1;
            return firstDifference(handle, history, `mailbox:${lived}`);
          });
          const found = (await Promise.all(differences)).filter((difference) => difference !== undefined);
          expect(found.join('\n')).toBe('');
        }),
        parameters,
      );
    });

    it('of many callers at once never exceed the cap in any window', async () => {
      const storm = { subject: 'mailbox:storm', windowMs: 650, cap: 40, callers: 16, windows: 4 };
      const grants = await sendAsFastAsPossible(handle, storm);
      expect(overCap(grants, storm)).toEqual([]);
      expect(grants.length).toBeGreaterThan(storm.cap);
    });
  });
}

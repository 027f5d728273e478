import { describe, expect, it } from 'vitest';
import { LedgerHealthLog } from '../../../../controller/cli/run/ledger-health-log.ts';
import { LedgerUnavailable, type LedgerHealth } from '../../../../controller/domain/ports/ledger.ts';

const EVICTS: LedgerHealth = { reason: 'LedgerEvicts', message: 'set maxmemory-policy to noeviction' };
const NO_FILE: LedgerHealth = { reason: 'LedgerNotDurable', message: 'set appendonly to yes' };
const GOOD: LedgerHealth = { reason: 'LedgerDurable', message: 'append-only file on' };

/** What is logged when the ledger says this, one look after the other; undefined = it is away. */
async function toldOf(looks: readonly (LedgerHealth | undefined)[], pauseMs = 10_000): Promise<string[]> {
  const told: string[] = [];
  const waiting = [...looks];
  let nowMs = 0;
  const log = new LedgerHealthLog({
    ledger: {
      health: async () => {
        const next = waiting.shift();
        if (next === undefined) throw new LedgerUnavailable('away');
        return next;
      },
    },
    clock: { monotonic: () => nowMs },
    log: {
      warn: (_facts: unknown, text?: string) => told.push(`warn: ${text}`),
      info: (_facts: unknown, text?: string) => told.push(`info: ${text}`),
    },
  });
  for (const _ of looks) {
    await log.tend();
    nowMs += pauseMs;
  }
  return told;
}

describe('how well the ledger is kept', () => {
  it.each([
    ['is not said when it is kept well', [GOOD, GOOD], []],
    ['is said once', [EVICTS, EVICTS, EVICTS], [`warn: ${EVICTS.message}`]],
    [
      'is said again when it changes',
      [EVICTS, NO_FILE],
      [`warn: ${EVICTS.message}`, `warn: ${NO_FILE.message}`],
    ],
    [
      'is said when it is well again, also when the ledger was away meanwhile',
      [NO_FILE, undefined, GOOD, GOOD],
      [`warn: ${NO_FILE.message}`, `info: The ledger is kept well again: ${GOOD.message}`],
    ],
    ['is left to others when the ledger is lost', [{ ...GOOD, reason: 'LedgerLost' as const }], []],
  ] as const)('%s', async (_, looks, told) => {
    expect(await toldOf(looks)).toEqual(told);
  });

  it('is asked every ten seconds, not at every turn', async () => {
    expect(await toldOf([GOOD, EVICTS, EVICTS], 4_000)).toEqual([]);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import type { Ledger } from '../../controller/domain/ports/ledger.ts';

/** A fresh, empty ledger for one test. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** Moves the ledger's clock; absent when that is a real clock, which is then waited for. */
  advance?(ms: number): Promise<void>;
  teardown(): Promise<void>;
}

export type LedgerSetup = () => Promise<LedgerUnderTest>;

/** The ledger of the running test, and its time. */
export interface LedgerHandle {
  readonly ledger: Ledger;
  /** Resolves when the ledger's clock shows at least this time. */
  reach(timeMs: number): Promise<void>;
  /** Resolves when so many ms have passed on the ledger's clock. */
  pass(ms: number): Promise<void>;
}

/** Gives every test of the suite its own ledger. Call it within `describe`. */
export function useLedger(setup: LedgerSetup): LedgerHandle {
  let current: LedgerUnderTest | undefined;
  beforeEach(async () => {
    current = await setup();
  });
  afterEach(async () => {
    await current?.teardown();
    current = undefined;
  });
  const running = (): LedgerUnderTest => {
    if (current === undefined) throw new Error('The ledger is only there while a test runs.');
    return current;
  };
  return {
    get ledger() {
      return running().ledger;
    },
    reach: (timeMs) => reach(running(), timeMs),
    pass: async (ms) => reach(running(), (await running().ledger.now()) + ms),
  };
}

async function reach({ ledger, advance }: LedgerUnderTest, timeMs: number): Promise<void> {
  for (let now = await ledger.now(); now < timeMs; now = await ledger.now()) {
    await (advance === undefined ? pause(timeMs - now) : advance(timeMs - now));
  }
}

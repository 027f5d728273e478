import type { Clock } from '../domain/ports/clock.ts';

/**
 * The ledger's time, told between its answers by the process's steady clock. The machine's wall clock may jump; what a lane
 * waits for may not.
 */
export class LedgerClock {
  readonly #clock: Clock;
  #offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch, as the ledger counts them. */
  now(): number {
    return this.#clock.monotonic() + this.#offsetMs;
  }

  /** Takes the ledger's own word for the time. */
  set(ledgerNowMs: number): void {
    this.#offsetMs = ledgerNowMs - this.#clock.monotonic();
  }
}

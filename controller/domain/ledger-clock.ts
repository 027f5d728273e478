import type { Clock } from './ports/clock.ts';

/**
 * The ledger's time, told between its answers by the process's steady clock. The machine's wall clock may jump; what a lane
 * waits for may not.
 */
export class LedgerClock {
  readonly #clock: Clock;
  #offsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch, as the ledger counts them; as this machine does before the first answer. */
  now(): number {
    return this.#offsetMs === undefined ? this.#clock.now() : this.#clock.monotonic() + this.#offsetMs;
  }

  /**
   * Asks the ledger for something that comes with its time. When the answer was long on its way (a ledger or a process that stood
   * still), it only says that the time is between what it tells and that plus the whole wait: what is known better stays.
   */
  async ask<Answer>(call: () => Promise<Answer>, timeOf: (answer: Answer) => number): Promise<Answer> {
    const askedAt = this.#clock.monotonic();
    const answer = await call();
    const answeredAt = this.#clock.monotonic();
    const leastMs = timeOf(answer) - answeredAt;
    const mostMs = timeOf(answer) - askedAt;
    this.#offsetMs = Math.min(Math.max(this.#offsetMs ?? leastMs, leastMs), mostMs);
    return answer;
  }
}

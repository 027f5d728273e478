import type { Clock } from './ports/clock.ts';

/**
 * The ledger's time, told between its answers by the process's steady clock. The machine's wall clock may jump; what a lane
 * waits for may not.
 */
export class LedgerClock {
  readonly #clock: Clock;
  readonly #followers: ((setBackMs: number) => void)[] = [];
  #offsetMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `follow` is called when the ledger's clock was set back: times of it that were worked out before would come later by as much. */
  onSetBack(follow: (setBackMs: number) => void): void {
    this.#followers.push(follow);
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
    const beforeMs = this.#offsetMs ?? leastMs;
    this.#offsetMs = Math.min(Math.max(beforeMs, leastMs), mostMs);
    const setBackMs = beforeMs - this.#offsetMs;
    if (setBackMs > 0) for (const follow of this.#followers) follow(setBackMs);
    return answer;
  }
}

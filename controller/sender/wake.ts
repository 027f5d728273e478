import type { Clock } from '../domain/ports/clock.ts';

/** A wait that ends early when something happens: one timer for a whole loop instead of one per message. */
export class Wake {
  readonly #clock: Clock;
  #sleeping: AbortController | undefined;
  #isSignalled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the current wait, or the next one at once. */
  signal(): void {
    this.#isSignalled = true;
    this.#sleeping?.abort();
  }

  async wait(maxMs: number): Promise<void> {
    if (!this.#isSignalled && maxMs > 0) {
      this.#sleeping = new AbortController();
      await this.#clock.sleep(maxMs, this.#sleeping.signal);
      this.#sleeping = undefined;
    }
    this.#isSignalled = false;
  }
}

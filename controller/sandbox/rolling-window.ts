interface Entry {
  readonly timeMs: number;
  amount: number;
}

/** Takes back what was counted, e.g. because the message was not accepted after all. */
export type Refund = () => void;

/** Sum of what happened within the last so many milliseconds. */
export class RollingWindow {
  #entries: Entry[] = [];
  #first = 0;
  #sum = 0;

  /** The sum over the window that ends now. Entries that left the window are forgotten. */
  total(nowMs: number, windowMs: number): number {
    for (let entry = this.#entries[this.#first]; entry !== undefined && entry.timeMs <= nowMs - windowMs;) {
      this.#sum -= entry.amount;
      entry.amount = 0;
      this.#first += 1;
      entry = this.#entries[this.#first];
    }
    this.#compact();
    return this.#sum;
  }

  /** Counts `amount` at this moment. */
  add(nowMs: number, amount: number): Refund {
    const entry = { timeMs: nowMs, amount };
    this.#entries.push(entry);
    this.#sum += amount;
    return () => {
      this.#sum -= entry.amount;
      entry.amount = 0;
    };
  }

  /** Forgets everything; refunds given out before change nothing any more. */
  clear(): void {
    for (const entry of this.#entries) entry.amount = 0;
    this.#entries = [];
    this.#first = 0;
    this.#sum = 0;
  }

  /** Drops the spent front now and then, so that the list does not grow for ever and no step is slow. */
  #compact(): void {
    if (this.#first < 1024 || this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}

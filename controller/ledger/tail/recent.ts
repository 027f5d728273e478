/**
 * How long what was done is remembered, ms. A Redis that syncs its file every second puts a write off for at most two seconds while a
 * sync is under way; a replica that takes over lags as much; the rest is for noticing it late.
 */
export const TAIL_MS = 10_000;
/** After this time a write is in the file of a Redis that syncs it every second, or with its replica, ms: see TAIL_MS. */
export const WRITTEN_AFTER_MS = 2_500;
/** Forgotten items that are kept in the array before it is copied. */
const SLACK = 1_024;

export interface Dated<T> {
  readonly item: T;
  readonly atMs: number;
}

/** Times of this process, by a clock that never goes back. */
export interface TailTimes {
  readonly nowMs: () => number;
  /** When the ledger was last seen with all that it had acknowledged. */
  readonly seenAtMs: () => number;
}

/**
 * What happened within the last TAIL_MS before the ledger was last seen, and since, oldest first: however long it is away, all that it may have
 * lost is remembered.
 */
export class Recent<T> {
  readonly #times: TailTimes;
  #items: Dated<T>[] = [];
  /** Where the first item is that is not forgotten. */
  #first = 0;

  constructor(times: TailTimes) {
    this.#times = times;
  }

  add(item: T): void {
    this.#items.push({ item, atMs: this.#times.nowMs() });
    this.#forget();
  }

  get items(): readonly Dated<T>[] {
    this.#forget();
    return this.#items.slice(this.#first);
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
  }

  #forget(): void {
    const sinceMs = this.#times.seenAtMs() - TAIL_MS;
    for (let next = this.#items[this.#first]; next !== undefined; next = this.#items[this.#first]) {
      if (next.atMs >= sinceMs) break;
      this.#first += 1;
    }
    if (this.#first < SLACK && this.#first < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}

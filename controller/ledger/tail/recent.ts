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

/** What happened within the last TAIL_MS, oldest first. What is older is forgotten when something is added: an idle tail keeps its end. */
export class Recent<T> {
  readonly #nowMs: () => number;
  #items: Dated<T>[] = [];
  /** Where the first item is that is not forgotten. */
  #first = 0;

  /** nowMs: a clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(item: T): void {
    const atMs = this.#nowMs();
    this.#items.push({ item, atMs });
    this.forgetBefore(atMs - TAIL_MS);
  }

  forgetBefore(timeMs: number): void {
    for (let next = this.#items[this.#first]; next !== undefined; next = this.#items[this.#first]) {
      if (next.atMs >= timeMs) break;
      this.#first += 1;
    }
    if (this.#first < SLACK && this.#first < this.#items.length) return;
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }

  get items(): readonly Dated<T>[] {
    return this.#items.slice(this.#first);
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
  }
}

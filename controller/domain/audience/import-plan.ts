import { KeyTable } from './key-table.ts';

/** A row that the ledger has. */
export interface StoredRow {
  readonly row: number;
  readonly key: string;
  /** Cancelled by an earlier import because it was no longer in the source. */
  readonly cancelled: boolean;
}

/** What an import changes besides appending new rows, in the words of `AudienceLedger.commit`; indexes in rising order. */
export interface AudienceChange {
  readonly removed: readonly number[];
  readonly restored: readonly number[];
}

const LIVE = 0;
const CANCELLED = 1;
/** Also in the source. */
const SEEN = 2;

/**
 * Compares a source with what is stored, row by row, so that a large source need not be held in memory. A known row keeps its index for
 * ever and is never appended again, so that nobody is mailed twice.
 */
export class ImportComparison {
  /** By key: the row's index times four, plus what is known of it. */
  readonly #stored = new KeyTable();
  readonly #restored: number[] = [];

  constructor(existing: Iterable<StoredRow>) {
    for (const { key, row, cancelled } of existing)
      this.#stored.put(key, row * 4 + (cancelled ? CANCELLED : LIVE));
  }

  /** Takes the next row of the source, each key once (`AudienceReading` sees to that). True when the row is new and to be appended. */
  isNew(key: string): boolean {
    const stored = this.#stored.get(key);
    if (stored === undefined) return true;
    const row = Math.floor(stored / 4);
    if (stored % 4 === CANCELLED) this.#restored.push(row);
    this.#stored.put(key, row * 4 + SEEN);
    return false;
  }

  /** After the last row of the source: what is no longer in it, and what is in it again. */
  finish(): AudienceChange {
    const removed: number[] = [];
    for (const stored of this.#stored.values()) if (stored % 4 === LIVE) removed.push(Math.floor(stored / 4));
    return { removed: removed.sort(byNumber), restored: this.#restored.sort(byNumber) };
  }
}

function byNumber(left: number, right: number): number {
  return left - right;
}

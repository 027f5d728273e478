import { closeSync, openSync, writeSync } from 'node:fs';
import type { WireTransaction } from '../api/wire-log.ts';

/** A wire log line that has no running number yet. */
export type WireRecord = Omit<WireTransaction, 'id'>;

/** What tests and the HTTP control read. */
export interface WireLogReader {
  /** Number of lines so far, which is also the id of the last one. */
  readonly size: number;
  /** Lines after the one with this id (default: all), oldest first. */
  transactions(sinceId?: number): WireTransaction[];
}

/**
 * The wire log: every line is in the file before the client reads the reply it tells of.
 * All lines stay in memory as JSON text, about a third of the size of the objects.
 */
export class WireLog implements WireLogReader {
  readonly #lines: string[] = [];
  readonly #descriptor: number | undefined;
  readonly #listeners: ((record: WireRecord) => void)[] = [];

  /** Appends to `file`, creating it if needed; without a file the log is in memory only. */
  constructor(file: string | undefined) {
    this.#descriptor = file === undefined ? undefined : openSync(file, 'a');
  }

  get size(): number {
    return this.#lines.length;
  }

  /** Calls `listener` with every line from now on. */
  onRecord(listener: (record: WireRecord) => void): void {
    this.#listeners.push(listener);
  }

  /** Writes one line, in one system call, without fsync. Throws when the file cannot be written. */
  append(record: WireRecord): void {
    const line = JSON.stringify({ id: this.#lines.length + 1, ...record } satisfies WireTransaction);
    this.#lines.push(line);
    if (this.#descriptor !== undefined) writeSync(this.#descriptor, `${line}\n`);
    for (const listener of this.#listeners) listener(record);
  }

  transactions(sinceId = 0): WireTransaction[] {
    return this.lines(sinceId).map((line) => JSON.parse(line) as WireTransaction);
  }

  /** Lines after the one with this id as JSON text. */
  lines(sinceId = 0): string[] {
    return this.#lines.slice(Math.max(0, sinceId));
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}

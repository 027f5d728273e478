import { hash } from 'node:crypto';

/** 12 bytes of the key's hash, then the value plus one; a value of 0 marks an empty entry. */
const KEY_BYTES = 12;
const ENTRY_BYTES = KEY_BYTES + 4;
const START_CAPACITY = 1024;
/** A quarter of the entries stays empty, so that a search ends after a few. */
const MAX_LOAD = 0.75;
const GROWTH = 1.5;

/**
 * Numbers by key, in 32 bytes per key at most, where a Map of strings takes 100 and more. Keys are kept as 96 bits of their SHA-256: two of
 * a million are taken for one with a probability of 10^-17.
 */
export class KeyTable {
  #capacity = START_CAPACITY;
  #entries = new DataView(new ArrayBuffer(START_CAPACITY * ENTRY_BYTES));
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): number | undefined {
    const value = this.#entries.getUint32(this.#find(digest(key)) + KEY_BYTES);
    return value === 0 ? undefined : value - 1;
  }

  /** Stores a whole number below 2^32 - 1, in place of the key's former one, which it gives back. */
  put(key: string, value: number): number | undefined {
    if (this.#size >= this.#capacity * MAX_LOAD) this.#grow();
    const former = this.#store(digest(key), value + 1);
    return former === 0 ? undefined : former - 1;
  }

  *values(): Generator<number, undefined> {
    for (let at = KEY_BYTES; at < this.#entries.byteLength; at += ENTRY_BYTES) {
      const value = this.#entries.getUint32(at);
      if (value !== 0) yield value - 1;
    }
  }

  #store(key: DataView, stored: number): number {
    const at = this.#find(key);
    const former = this.#entries.getUint32(at + KEY_BYTES);
    if (former === 0) this.#size += 1;
    this.#entries.setUint32(at, key.getUint32(0));
    this.#entries.setUint32(at + 4, key.getUint32(4));
    this.#entries.setUint32(at + 8, key.getUint32(8));
    this.#entries.setUint32(at + KEY_BYTES, stored);
    return former;
  }

  /** Offset of the key's entry, or of the empty one where it belongs. */
  #find(key: DataView): number {
    let index = key.getUint32(0) % this.#capacity;
    while (!this.#isEnd(index * ENTRY_BYTES, key)) index = (index + 1) % this.#capacity;
    return index * ENTRY_BYTES;
  }

  #isEnd(at: number, key: DataView): boolean {
    if (this.#entries.getUint32(at + KEY_BYTES) === 0) return true;
    return (
      this.#entries.getUint32(at) === key.getUint32(0) &&
      this.#entries.getUint32(at + 4) === key.getUint32(4) &&
      this.#entries.getUint32(at + 8) === key.getUint32(8)
    );
  }

  #grow(): void {
    const old = this.#entries;
    this.#capacity = Math.ceil(this.#capacity * GROWTH);
    this.#entries = new DataView(new ArrayBuffer(this.#capacity * ENTRY_BYTES));
    this.#size = 0;
    for (let at = 0; at < old.byteLength; at += ENTRY_BYTES) {
      const stored = old.getUint32(at + KEY_BYTES);
      if (stored !== 0) this.#store(new DataView(old.buffer, at, KEY_BYTES), stored);
    }
  }
}

function digest(key: string): DataView {
  const bytes = hash('sha256', key, 'buffer');
  return new DataView(bytes.buffer, bytes.byteOffset, KEY_BYTES);
}

/** RFC 5322 sets no limit to a header; 64 KB is more than any mail system takes. */
const HEADER_BYTES_MAX = 65_536;

/** Reads what the wire log needs of a message while it streams by; keeps the text only on demand. */
export class MessageReader {
  readonly #isKept: boolean;
  readonly #chunks: Buffer[] = [];
  #head = '';
  #isHeadComplete = false;
  #size = 0;

  constructor(isKept: boolean) {
    this.#isKept = isKept;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** The whole message, dots unstuffed; empty unless it is kept. */
  get text(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  push(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#isKept) this.#chunks.push(chunk);
    if (this.#isHeadComplete) return;
    this.#head += chunk.toString('latin1', 0, HEADER_BYTES_MAX);
    this.#isHeadComplete = this.#head.length >= HEADER_BYTES_MAX || this.#head.includes('\r\n\r\n');
  }

  /** The Message-ID header without angle brackets, as far as it has arrived; empty when there is none. */
  messageId(): string {
    const [head = ''] = this.#head.split('\r\n\r\n', 1);
    return /^message-id:[ \t]*(?:\r\n[ \t]+)?<?([^>\s]*)/im.exec(head)?.[1] ?? '';
  }
}

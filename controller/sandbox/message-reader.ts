import { createHash } from 'node:crypto';

/** RFC 5322 sets no limit to a header; 64 KB is more than any mail system takes. */
const HEADER_BYTES_MAX = 65_536;

/** Reads what the wire log needs of a message while it streams by; keeps the text only on demand. */
export class MessageReader {
  readonly #isKept: boolean;
  readonly #content = createHash('sha256');
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
    this.#content.update(chunk);
    if (this.#isKept) this.#chunks.push(chunk);
    if (this.#isHeadComplete) return;
    this.#head += chunk.toString('latin1', 0, HEADER_BYTES_MAX);
    this.#isHeadComplete = this.#head.length >= HEADER_BYTES_MAX || this.#head.includes('\r\n\r\n');
  }

  /** The Message-ID header without angle brackets, as far as it has arrived; empty when there is none. */
  messageId(): string {
    return /^<?([^>\s]*)/.exec(this.header('message-id'))?.[1] ?? '';
  }

  /** The value of a header field, as far as it has arrived, unfolded; empty when there is none. */
  header(name: string): string {
    const [head = ''] = this.#head.split('\r\n\r\n', 1);
    const fields = head.replaceAll(/\r\n(?=[ \t])/g, '').split('\r\n');
    const start = `${name.toLowerCase()}:`;
    const field = fields.find((line) => line.toLowerCase().startsWith(start)) ?? '';
    return field.slice(start.length).trim();
  }

  /** Of all that came so far. */
  digest(): string {
    return this.#content.copy().digest('hex');
  }
}

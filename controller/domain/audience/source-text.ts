import { TextDecoder } from 'node:util';
import { AudienceUnreadable } from './audience-unreadable.ts';

/** Bytes or text of an audience, in any pieces. */
export type AudienceBytes = AsyncIterable<Uint8Array | string> | string;

/**
 * The source as text, piece by piece, without its byte order mark. UTF-8, or UTF-16 when it begins with that mark (as spreadsheets write it).
 * Throws AudienceUnreadable for anything else and when the source itself fails.
 */
export async function* sourceText(source: AudienceBytes): AsyncGenerator<string, undefined> {
  const decoder = new SourceDecoder();
  try {
    for await (const piece of typeof source === 'string' ? [source] : source) {
      const text = decoder.decode(piece);
      if (text !== '') yield text;
    }
  } catch (error) {
    if (error instanceof AudienceUnreadable) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AudienceUnreadable(`cannot be read: ${reason}`, { cause: error });
  }
  decoder.end();
}

class SourceDecoder {
  #bytes: TextDecoder | undefined;
  #isStart = true;

  decode(piece: Uint8Array | string): string {
    const text = typeof piece === 'string' ? piece : this.#decodeBytes(piece);
    if (text === '') return text;
    if (text.includes('\0'))
      throw new AudienceUnreadable('is not text: it contains NUL bytes; save it as UTF-8 text');
    const start = this.#isStart && text.startsWith('\uFEFF') ? 1 : 0;
    this.#isStart = false;
    return text.slice(start);
  }

  /** A character cut off at the end is an error, too. */
  end(): void {
    this.#decodeBytes(undefined);
  }

  #decodeBytes(bytes: Uint8Array | undefined): string {
    if (bytes?.length === 0) return '';
    this.#bytes ??= new TextDecoder(encodingOf(bytes), { fatal: true });
    try {
      return this.#bytes.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      throw new AudienceUnreadable('is not UTF-8 text; save it as UTF-8', { cause: error });
    }
  }
}

function encodingOf(start: Uint8Array | undefined): string {
  const mark = start === undefined ? '' : Buffer.from(start.subarray(0, 2)).toString('hex');
  if (mark === 'fffe') return 'utf-16le';
  return mark === 'feff' ? 'utf-16be' : 'utf-8';
}

import { createHash } from 'node:crypto';

/** Hash of a value's content, 32 hexadecimal digits; the order of properties counts, so build values in one way only. */
export function contentHash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
}

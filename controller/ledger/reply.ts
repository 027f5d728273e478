/** Readers of script replies. A reply of another shape is a fault in this program: they throw and say what came. */

/** A list. */
export function list(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply as readonly unknown[];
  throw unexpected('a list', reply);
}

/** A text. */
export function text(reply: unknown): string {
  if (typeof reply === 'string') return reply;
  throw unexpected('a text', reply);
}

/** A number, which Redis may also answer as text. */
export function number(reply: unknown): number {
  const value = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw unexpected('a number', reply);
}

/** A number, or undefined for nil and the empty text. */
export function optionalNumber(reply: unknown): number | undefined {
  return reply === '' || reply === null || reply === undefined ? undefined : number(reply);
}

/** One of the given words. */
export function oneOf<const Word extends string>(words: readonly Word[], reply: unknown): Word {
  const found = words.find((word) => word === reply);
  if (found === undefined) throw unexpected(words.join(' | '), reply);
  return found;
}

function unexpected(wanted: string, reply: unknown): Error {
  return new Error(`ledger: a script answered ${JSON.stringify(reply)} instead of ${wanted}`);
}

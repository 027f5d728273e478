/** JSON of an object as text, without its managedFields: they are never decoded, let alone parsed. */

const KEY = Buffer.from('"managedFields":[');
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING = 0x5d;

/**
 * A quote inside a string is escaped, so what looks like the key is one. Objects of built-in types have it last in their metadata, ours in
 * the middle: a comma goes with it.
 */
export function leanText(json: Buffer): string {
  const start = json.indexOf(KEY);
  const end = start === -1 ? -1 : endOfList(json, start + KEY.length);
  if (end === -1) return json.toString('utf8');
  const isFollowed = json[end] === COMMA;
  const isPreceded = json[start - 1] === COMMA;
  const head = json.toString('utf8', 0, isPreceded && !isFollowed ? start - 1 : start);
  return head + json.toString('utf8', isFollowed ? end + 1 : end);
}

/** Index behind the bracket that ends the list, whose elements begin at `from`; -1 when it never ends. */
function endOfList(json: Buffer, from: number): number {
  let depth = 1;
  let isInString = false;
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === OPENING) depth += 1;
    else if (byte === CLOSING) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

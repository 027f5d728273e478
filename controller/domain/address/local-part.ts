/** RFC 5322 §3.2.3 atext, plus everything beyond ASCII (RFC 6531 §3.3). */
const DOT_ATOM = /^[^\0- "(),.:;<>@[\\\]\x7f]+(?:\.[^\0- "(),.:;<>@[\\\]\x7f]+)*$/;

/** True when the local part needs no quotes. */
export function isDotAtom(local: string): boolean {
  return DOT_ATOM.test(local);
}

/** The local part as written on the wire (RFC 5321 §4.1.2): quoted only where it must be, with as few backslashes as possible. */
export function quoteIfNeeded(local: string): string {
  return isDotAtom(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

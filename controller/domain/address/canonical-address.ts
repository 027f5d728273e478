import { quoteIfNeeded } from './local-part.ts';
import { parseAddress, type ParsedAddress } from './parse-address.ts';

/** Gmail ignores dots and what follows a plus sign; both domains reach the same mailbox. Workspace domains do not ignore dots. */
export const GMAIL_DOMAINS: ReadonlySet<string> = new Set(['gmail.com', 'googlemail.com']);

/**
 * Identity of a mailbox, for de-duplication and as subject of quotas: equal for every spelling that certainly reaches the same mailbox
 * (case, international domain in either form, needless quotes, Gmail's dots and plus). `a+x@corp.example` stays apart from `a@corp.example`.
 * Text that is no address is only trimmed and lower-cased. Idempotent; never throws.
 */
export function canonicalAddress(text: string): string {
  const parsed = parseAddress(text);
  if (!('problem' in parsed)) return canonicalForm(parsed);
  // Folding can make an address of what was none, by shortening it: the next call would then read it as one.
  const folded = foldCase(text.trim());
  const again = parseAddress(folded);
  return 'problem' in again ? folded : canonicalForm(again);
}

/** {@link canonicalAddress} of an address that is parsed already. */
export function canonicalForm(parsed: ParsedAddress): string {
  if (!GMAIL_DOMAINS.has(parsed.domain)) return exactForm(parsed);
  const local = foldCase(parsed.local);
  const folded = withoutTag(local).replaceAll('.', '');
  return `${quoteIfNeeded(folded === '' ? local : folded)}@gmail.com`;
}

/** The address without regard to case and needless quotes, but as its owner spells it otherwise. */
export function exactForm(parsed: ParsedAddress): string {
  return `${quoteIfNeeded(foldCase(parsed.local))}@${parsed.domain}`;
}

/** The local part up to its plus sign. */
export function withoutTag(local: string): string {
  const plus = local.indexOf('+');
  return plus === -1 ? local : local.slice(0, plus);
}

/** Lower case in NFC: composed and decomposed letters look the same to people. */
export function foldCase(text: string): string {
  return text.toLowerCase().normalize('NFC');
}

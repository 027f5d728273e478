import type { SuppressionKeys } from '../ports/suppression-ledger.ts';
import { addressKey } from './address-key.ts';
import { canonicalAddress, canonicalForm, exactForm, foldCase, withoutTag } from './canonical-address.ts';
import { domainWithParents } from './domain-name.ts';
import { quoteIfNeeded } from './local-part.ts';
import { parseAddress, type ParsedAddress } from './parse-address.ts';

/** Consumer services besides Gmail where `name+tag` reaches `name`. */
const TAGGED_DOMAINS: ReadonlySet<string> = new Set([
  'msn.com',
  'icloud.com',
  'me.com',
  'mac.com',
  'fastmail.com',
  'fastmail.fm',
  'proton.me',
  'protonmail.com',
  'pm.me',
]);
/** Microsoft's consumer domains exist in many countries: hotmail.co.uk, outlook.de, live.com.au. */
const TAGGED_FAMILIES = /^(?:outlook|hotmail|live)\.(?:com|(?:com?\.)?[a-z]{2})$/;

/**
 * Keys under which one address may be suppressed; entry and recipient match when they share one. Address keys are hashes (see
 * {@link addressKey}), domain keys are clear names: the domain and its parents up to the organisational one.
 *
 * The exact key comes first and never changes its meaning, so that an opt-out stored today still matches when the widening rules are
 * different. Text that is no address has a key of its own and no domains.
 */
export function suppressionKeys(text: string): SuppressionKeys {
  const parsed = parseAddress(text);
  if ('problem' in parsed) return { addresses: [addressKey(canonicalAddress(text))], domains: [] };
  return { addresses: suppressionAddressKeys(parsed), domains: domainWithParents(parsed.domain) };
}

/** The address keys alone: exact, canonical (Gmail), and without the tag where the service ignores it. */
export function suppressionAddressKeys(parsed: ParsedAddress): readonly string[] {
  const forms = new Set([exactForm(parsed), canonicalForm(parsed), untaggedForm(parsed)]);
  return [...forms].map((form) => addressKey(form));
}

function untaggedForm(parsed: ParsedAddress): string {
  const isTagged = TAGGED_DOMAINS.has(parsed.domain) || TAGGED_FAMILIES.test(parsed.domain);
  const local = isTagged ? withoutTag(foldCase(parsed.local)) : '';
  return local === '' ? exactForm(parsed) : `${quoteIfNeeded(local)}@${parsed.domain}`;
}

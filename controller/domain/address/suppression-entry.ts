import { isPublicSuffix, parseDomain } from './domain-name.ts';
import { parseAddress } from './parse-address.ts';
import { suppressionAddressKeys } from './suppression-keys.ts';

/** One entry of a suppression list, as keys of the suppression ledger. */
export type SuppressionEntry =
  | { readonly kind: 'Address'; readonly address: string; readonly keys: readonly string[] }
  | { readonly kind: 'Domain'; readonly domain: string };

export interface SuppressionEntryProblem {
  /** What is wrong, to be read after the entry: `"com" is a public suffix …`. */
  readonly problem: string;
}

/**
 * Reads one entry: an address in any spelling that {@link parseAddress} takes, or a domain (`corp.example`, `@corp.example`,
 * `*@corp.example`, `*.corp.example`), subdomains included. A public suffix such as `com` is refused.
 */
export function parseSuppressionEntry(text: string): SuppressionEntry | SuppressionEntryProblem {
  const trimmed = text.trim();
  const name = trimmed.replace(/^\*?[@.]/, '');
  if (name === '') return { problem: 'is empty' };
  return name === trimmed && trimmed.includes('@') ? addressEntry(trimmed) : domainEntry(name);
}

function addressEntry(text: string): SuppressionEntry | SuppressionEntryProblem {
  const parsed = parseAddress(text);
  if ('problem' in parsed) return parsed;
  return { kind: 'Address', address: parsed.address, keys: suppressionAddressKeys(parsed) };
}

function domainEntry(name: string): SuppressionEntry | SuppressionEntryProblem {
  const parsed = parseDomain(name);
  if ('problem' in parsed) return { problem: `is neither an address nor a domain: ${parsed.problem}` };
  if (isPublicSuffix(parsed.domain))
    return { problem: 'is a public suffix, below which everybody registers; name the domains instead' };
  return { kind: 'Domain', domain: parsed.domain };
}

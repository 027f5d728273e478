import { domainToASCII } from 'node:url';
import { getDomain } from 'tldts';

export interface DomainProblem {
  /** What is wrong, to be read after the name: `"exa mple.com" contains a space`. */
  readonly problem: string;
}

/** RFC 1035 §2.3.4. */
const MAX_LABEL_OCTETS = 63;
/** RFC 1035 §2.3.4: 255 octets on the wire are 253 characters in text. */
const MAX_DOMAIN_OCTETS = 253;

const NOT_HOST_CHARACTER = /[\0-,/:-@[-`{-\x7f]/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * Checks a domain as people write it and gives it in lower case with A-labels (UTS-46, non-transitional): `Bücher.DE.` → `xn--bcher-kva.de`.
 * IP literals and names of one label are refused: no public mail goes there.
 */
export function parseDomain(text: string): { readonly domain: string } | DomainProblem {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name === '') return { problem: 'has no domain' };
  if (name.startsWith('[')) return { problem: 'has an IP address instead of a domain' };
  const odd = NOT_HOST_CHARACTER.exec(name);
  if (odd) return { problem: `has ${characterName(odd[0])} in the domain` };
  const domain = toAsciiLabels(name);
  const problem = asciiDomainProblem(domain);
  return problem === undefined ? { domain } : { problem };
}

function toAsciiLabels(name: string): string {
  const lower = name.toLowerCase();
  // Plain names, nearly all of them, are their own A-labels; an invalid name becomes the empty string.
  const isPlain = /^[-a-z0-9.]*$/.test(lower) && !lower.includes('xn--');
  return isPlain ? lower : domainToASCII(name);
}

function asciiDomainProblem(domain: string): string | undefined {
  if (domain === '') return 'has a domain that is not a valid international name';
  if (domain.length > MAX_DOMAIN_OCTETS) return `has a domain longer than ${MAX_DOMAIN_OCTETS} characters`;
  const labels = domain.split('.');
  if (labels.includes('')) return 'has an empty part in the domain';
  if (labels.some((label) => label.length > MAX_LABEL_OCTETS))
    return `has a part of the domain longer than ${MAX_LABEL_OCTETS} characters`;
  if (!labels.every((label) => LABEL.test(label)))
    return 'has a part of the domain that begins or ends with "-"';
  if (labels.length < 2) return 'has a domain without a dot';
  if (/\.[0-9]+$/.test(domain)) return 'has an IP address instead of a domain';
  return undefined;
}

/** A character as it can be named in one line of text. */
export function characterName(character: string): string {
  if (character === ' ') return 'a space';
  if (character === '@') return 'a second @';
  return /[\p{C}\p{Z}]/u.test(character)
    ? `the invisible character U+${Number(character.codePointAt(0)).toString(16).toUpperCase().padStart(4, '0')}`
    : `"${character}"`;
}

/**
 * The domain that one organisation registered: `mail.corp.co.uk` → `corp.co.uk`. By the ICANN part of the Public Suffix List; a public
 * suffix itself is given back unchanged.
 */
export function organisationalDomain(domain: string): string {
  return getDomain(domain) ?? domain;
}

/** True for `com`, `co.uk` and the like: below them everybody registers. */
export function isPublicSuffix(domain: string): boolean {
  return getDomain(domain) === null;
}

/** The domain and its parents up to the organisational one: `a.b.corp.example` → itself, `b.corp.example`, `corp.example`. */
export function domainWithParents(domain: string): readonly string[] {
  const top = organisationalDomain(domain);
  const domains = [domain];
  for (let name = domain; name !== top; domains.push(name)) name = name.slice(name.indexOf('.') + 1);
  return domains;
}

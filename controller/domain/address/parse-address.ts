import { characterName, parseDomain } from './domain-name.ts';
import { isDotAtom, quoteIfNeeded } from './local-part.ts';

/** An address that can be written at RCPT. */
export interface ParsedAddress {
  /** As written at RCPT: local part untouched and quoted only where it must be, domain lower-case with A-labels. */
  readonly address: string;
  /** Local part without quotes and backslashes. */
  readonly local: string;
  /** Lower-case, A-labels, no trailing dot. */
  readonly domain: string;
  /** False: the local part needs SMTPUTF8 (RFC 6531). */
  readonly isAscii: boolean;
}

export interface AddressProblem {
  /** What is wrong, to be read after the address: `anna@ has no domain`. */
  readonly problem: string;
}

/** RFC 5321 §4.5.3.1.1. */
const MAX_LOCAL_OCTETS = 64;
/** RFC 5321 §4.5.3.1.3 limits the path, brackets included, to 256. */
const MAX_ADDRESS_OCTETS = 254;
/** With a display name around it. Longer text is not looked at. */
const MAX_TEXT = 1000;

/** `Name <…>`; the name may be quoted and then hold anything. */
const WITH_NAME = /^(?:"(?:[^"\\]|\\.)*"|[^"<>])*<(.*)>$/su;
const QUOTED_LOCAL = /^"((?:[^"\\]|\\.)*)"@(.*)$/su;
const CONTROL = /\p{Cc}/u;
/** Format characters (direction marks, soft hyphen), lone surrogates, and every space but U+0020, which may stand in quotes. */
const NEVER = /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/u;

/**
 * Reads one recipient address as people write it: surrounding space, `Name <address>`, quoted local part (RFC 5321 §4.1.2), international
 * domain or local part, trailing dot. Comments, groups, lists, IP literals and names without a dot are refused. Never throws.
 */
export function parseAddress(text: string): ParsedAddress | AddressProblem {
  const trimmed = text.trim();
  if (trimmed === '') return { problem: 'is empty' };
  if (trimmed.length > MAX_TEXT) return { problem: `is longer than ${MAX_ADDRESS_OCTETS} octets` };
  const bare = withoutName(trimmed);
  const forbidden = CONTROL.exec(trimmed) ?? NEVER.exec(bare);
  if (forbidden) return { problem: `has ${characterName(forbidden[0])}` };
  const parts = bare.startsWith('"') ? splitQuoted(bare) : splitPlain(bare);
  if ('problem' in parts) return parts;
  const domain = parseDomain(parts.domain);
  return 'problem' in domain ? domain : withinLimits(parts.local, domain.domain);
}

function withoutName(text: string): string {
  return text.endsWith('>') ? (WITH_NAME.exec(text)?.[1] ?? text).trim() : text;
}

interface Parts {
  readonly local: string;
  readonly domain: string;
}

function splitQuoted(text: string): Parts | AddressProblem {
  const match = QUOTED_LOCAL.exec(text);
  const [, quoted, domain] = match ?? [];
  if (quoted === undefined || domain === undefined)
    return { problem: 'has a quoted part that does not end before the @' };
  const local = quoted.replace(/\\(.)/gsu, '$1');
  return local === '' ? { problem: 'has nothing before the @' } : { local, domain };
}

function splitPlain(text: string): Parts | AddressProblem {
  const at = text.indexOf('@');
  if (at === -1) return { problem: 'has no @' };
  const local = text.slice(0, at);
  if (local === '') return { problem: 'has nothing before the @' };
  if (isDotAtom(local)) return { local, domain: text.slice(at + 1) };
  const odd = /["(),:;<>[\\\] ]/.exec(local);
  return {
    problem: odd
      ? `has ${characterName(odd[0])} before the @, which must be in quotes`
      : 'has a dot at the beginning or end of the part before the @, or two in a row',
  };
}

function withinLimits(content: string, domain: string): ParsedAddress | AddressProblem {
  const local = quoteIfNeeded(content);
  const localOctets = Buffer.byteLength(local);
  if (localOctets > MAX_LOCAL_OCTETS)
    return { problem: `has more than ${MAX_LOCAL_OCTETS} octets before the @` };
  if (localOctets + 1 + domain.length > MAX_ADDRESS_OCTETS)
    return { problem: `is longer than ${MAX_ADDRESS_OCTETS} octets` };
  return { address: `${local}@${domain}`, local: content, domain, isAscii: localOctets === local.length };
}

import { hash } from 'node:crypto';

/** 128 bits in base64url. */
const KEY_LENGTH = 22;

/**
 * Short name of a canonical address, for ledger keys and sets: 22 characters, no personal data in clear.
 * 128 bits of SHA-256: two of a million addresses share one with a probability of 10^-27.
 */
export function addressKey(canonical: string): string {
  return hash('sha256', canonical, 'base64url').slice(0, KEY_LENGTH);
}

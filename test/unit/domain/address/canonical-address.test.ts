import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey } from '../../../../controller/domain/address/address-key.ts';
import { canonicalAddress } from '../../../../controller/domain/address/canonical-address.ts';
import { parseAddress } from '../../../../controller/domain/address/parse-address.ts';
import { anyText, writtenAddress } from '../../../builders/address.ts';

describe('the canonical address', () => {
  it.each([
    ['Anna@Example.COM', 'anna@example.com'],
    ['Anna <anna@example.com>', 'anna@example.com'],
    ['"anna"@example.com', 'anna@example.com'],
    ['"Anna Smith"@example.com', '"anna smith"@example.com'],
    ['anna@BÜCHER.example.', 'anna@xn--bcher-kva.example'],
    ['JÜRGEN@example.com', 'jürgen@example.com'],
    ['ju\u0308rgen@example.com', 'j\u00FCrgen@example.com'],
    ['A.n.n.a+News@GoogleMail.com', 'anna@gmail.com'],
    ['"a.n.n.a"@gmail.com', 'anna@gmail.com'],
    ['+news@gmail.com', '+news@gmail.com'],
    ['a\u037Eb@example.com', '"a;b"@example.com'],
    ['a.nna+x@corp.example', 'a.nna+x@corp.example'],
    [' Not an Address ', 'not an address'],
  ])('of %j is %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it('keeps apart what may be two people', () => {
    const people = [
      'a+x@corp.example',
      'a@corp.example',
      'a.b@corp.example',
      'ab@corp.example',
      'a@corp.example.org',
    ];
    expect(new Set(people.map((person) => canonicalAddress(person))).size).toBe(people.length);
  });

  it('reads text that folding turns into an address as that address', () => {
    const decomposed = `${'e\u0301'.repeat(32)}.x@gmail.com`;
    expect(parseAddress(decomposed)).toHaveProperty('problem');
    expect(canonicalAddress(decomposed)).toBe(canonicalAddress(canonicalAddress(decomposed)));
    const shorter = `${'e\u0301'.repeat(30)}.x@gmail.com`;
    expect(canonicalAddress(shorter)).toBe(`${'é'.repeat(30)}x@gmail.com`);
  });

  it('is the same for every spelling and stays the same when taken again', () => {
    fc.assert(
      fc.property(writtenAddress, ({ text, address }) => {
        expect(canonicalAddress(text)).toBe(canonicalAddress(address.toUpperCase()));
      }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        const canonical = canonicalAddress(text);
        expect(canonicalAddress(canonical)).toBe(canonical);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the key of an address', () => {
  it('is short, stable, and shows nothing of it', () => {
    expect(addressKey('anna@example.com')).toBe(addressKey('anna@example.com'));
    expect(addressKey('anna@example.com')).toMatch(/^[-_A-Za-z0-9]{22}$/);
    expect(addressKey('anna@example.com')).not.toBe(addressKey('annb@example.com'));
  });
});

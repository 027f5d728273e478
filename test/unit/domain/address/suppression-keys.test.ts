import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey } from '../../../../controller/domain/address/address-key.ts';
import { suppressionKeys } from '../../../../controller/domain/address/suppression-keys.ts';
import { anyText } from '../../../builders/address.ts';

function isMatch(entry: string, recipient: string): boolean {
  const keys = new Set(suppressionKeys(entry).addresses);
  return suppressionKeys(recipient).addresses.some((key) => keys.has(key));
}

describe('suppression keys', () => {
  it.each([
    ['anna@example.com', 'ANNA@Example.com'],
    ['anna@bücher.example', 'anna@xn--bcher-kva.example'],
    ['"anna"@example.com', 'anna@example.com'],
    ['anna@gmail.com', 'a.n.n.a+shop@googlemail.com'],
    ['anna+news@outlook.com', 'anna@outlook.com'],
    ['anna+news@hotmail.co.uk', 'anna+shop@hotmail.co.uk'],
    ['anna@live.com.au', 'anna+shop@live.com.au'],
    ['anna@icloud.com', 'anna+shop@icloud.com'],
    ['anna@fastmail.com', 'anna+shop@fastmail.com'],
    ['not an address', ' NOT AN ADDRESS '],
  ])('make %s hit %s', (entry, recipient) => {
    expect(isMatch(entry, recipient)).toBe(true);
    expect(isMatch(recipient, entry)).toBe(true);
  });

  it.each([
    ['anna+x@corp.example', 'anna@corp.example'],
    ['a.nna@outlook.com', 'anna@outlook.com'],
    ['anna@outlook.com', 'anna@hotmail.com'],
    ['anna+x@live.example.com', 'anna@live.example.com'],
    ['+a@outlook.com', '+b@outlook.com'],
  ])('keep %s and %s apart', (entry, recipient) => {
    expect(isMatch(entry, recipient)).toBe(false);
  });

  it('begin with the exact key, whatever the widening rules', () => {
    expect(suppressionKeys('A.nna+x@GoogleMail.com').addresses).toEqual([
      addressKey('a.nna+x@googlemail.com'),
      addressKey('anna@gmail.com'),
    ]);
    expect(suppressionKeys('anna@corp.example').addresses).toEqual([addressKey('anna@corp.example')]);
  });

  it('name the domain and its parents up to the organisation', () => {
    expect(suppressionKeys('anna@a.b.corp.co.uk').domains).toEqual([
      'a.b.corp.co.uk',
      'b.corp.co.uk',
      'corp.co.uk',
    ]);
    expect(suppressionKeys('anna@corp.example').domains).toEqual(['corp.example']);
    expect(suppressionKeys('anna@bücher.example').domains).toEqual(['xn--bcher-kva.example']);
    expect(suppressionKeys('anna@co.uk').domains).toEqual(['co.uk']);
    expect(suppressionKeys('no address').domains).toEqual([]);
  });

  it('exist for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { addresses } = suppressionKeys(text);
        expect(addresses.length).toBeGreaterThan(0);
        expect(new Set(addresses).size).toBe(addresses.length);
      }),
      { numRuns: 1000 },
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../controller/domain/address/parse-address.ts';
import { anyText, writtenAddress } from '../../../builders/address.ts';

function written(text: string): string {
  const parsed = parseAddress(text);
  return 'problem' in parsed ? `problem: ${parsed.problem}` : parsed.address;
}

describe('an address as people write it', () => {
  it.each([
    ['anna@example.com', 'anna@example.com'],
    ['  anna@example.com\r\n', 'anna@example.com'],
    ['\uFEFFanna@example.com\u00A0', 'anna@example.com'],
    ['Anna.Smith+News@Example.COM', 'Anna.Smith+News@example.com'],
    ['anna@example.com.', 'anna@example.com'],
    ["o'brien/=?^_`{|}~!#$%&*-@example.com", "o'brien/=?^_`{|}~!#$%&*-@example.com"],
    ['anna@bücher.example', 'anna@xn--bcher-kva.example'],
    ['anna@BÜCHER.example', 'anna@xn--bcher-kva.example'],
    ['anna@xn--bcher-kva.example', 'anna@xn--bcher-kva.example'],
    ['anna@faß.example', 'anna@xn--fa-hia.example'],
    ['anna@ｅｘａｍｐｌｅ。com', 'anna@example.com'],
    ['anna@123.example', 'anna@123.example'],
    ['<anna@example.com>', 'anna@example.com'],
    ['Anna Smith <anna@example.com>', 'anna@example.com'],
    ['Jürgen Groß < j@example.com >', 'j@example.com'],
    ['"Smith, Anna" <anna@example.com>', 'anna@example.com'],
    ['"<eve@evil.example>" <anna@example.com>', 'anna@example.com'],
    ['"a \\" <b" <anna@example.com>', 'anna@example.com'],
    ['Anna <"anna smith"@example.com>', '"anna smith"@example.com'],
    ['"anna smith"@example.com', '"anna smith"@example.com'],
    ['"anna.smith"@example.com', 'anna.smith@example.com'],
    ['"an\\na"@example.com', 'anna@example.com'],
    ['"a@b"@example.com', '"a@b"@example.com'],
    ['"a\\"b\\\\c"@example.com', '"a\\"b\\\\c"@example.com'],
    ['"a..b"@example.com', '"a..b"@example.com'],
    ['">x<"@example.com', '">x<"@example.com'],
    ['jürgen@example.com', 'jürgen@example.com'],
    ['用户@例え.example', '用户@xn--r8jz45g.example'],
  ])('reads %j as %s', (text, address) => {
    expect(written(text)).toBe(address);
  });

  it('gives the parts and whether the local part is ASCII', () => {
    expect(parseAddress('Anna <"an na"@Bücher.example>')).toEqual({
      address: '"an na"@xn--bcher-kva.example',
      local: 'an na',
      domain: 'xn--bcher-kva.example',
      isAscii: true,
    });
    expect(parseAddress('jürgen@example.com')).toMatchObject({ local: 'jürgen', isAscii: false });
  });

  it('takes a local part of 64 octets and an address of 254', () => {
    const domain = `${'a.'.repeat(93)}org`;
    expect(written(`${'x'.repeat(64)}@${domain}`)).toHaveLength(254);
  });
});

describe('what is no address', () => {
  it.each([
    ['', 'is empty'],
    [' \t\r\n', 'is empty'],
    ['anna', 'has no @'],
    ['anna.example.com', 'has no @'],
    ['@example.com', 'has nothing before the @'],
    ['""@example.com', 'has nothing before the @'],
    ['anna@', 'has no domain'],
    ['anna@.', 'has no domain'],
    ['anna@@example.com', 'has a second @ in the domain'],
    ['a@b@example.com', 'has a second @ in the domain'],
    ['anna@localhost', 'has a domain without a dot'],
    ['anna@[192.0.2.1]', 'has an IP address instead of a domain'],
    ['anna@192.0.2.1', 'has an IP address instead of a domain'],
    ['anna@１９２.0.2.1', 'has an IP address instead of a domain'],
    ['anna@example..com', 'has an empty part in the domain'],
    ['anna@.example.com', 'has an empty part in the domain'],
    ['anna@example.com..', 'has an empty part in the domain'],
    ['anna@-example.com', 'has a part of the domain that begins or ends with "-"'],
    ['anna@exa mple.com', 'has a space in the domain'],
    ['anna@exa_mple.com', 'has "_" in the domain'],
    ['anna@example.com/x', 'has "/" in the domain'],
    ['anna@ex%41mple.com', 'has "%" in the domain'],
    ['anna@example.com, bob@example.com', 'has "," in the domain'],
    ['anna@xn--ü.example', 'has a domain that is not a valid international name'],
    [`anna@${'a'.repeat(64)}.com`, 'has a part of the domain longer than 63 characters'],
    [`anna@${'a.'.repeat(130)}com`, 'has a domain longer than 253 characters'],
    ['.anna@example.com', 'has a dot at the beginning or end of the part before the @, or two in a row'],
    ['an..na@example.com', 'has a dot at the beginning or end of the part before the @, or two in a row'],
    ['anna.@example.com', 'has a dot at the beginning or end of the part before the @, or two in a row'],
    ['anna smith@example.com', 'has a space before the @, which must be in quotes'],
    ['mailto:anna@example.com', 'has ":" before the @, which must be in quotes'],
    ['(work) anna@example.com', 'has "(" before the @, which must be in quotes'],
    ['Anna <anna@example.com', 'has a space before the @, which must be in quotes'],
    ['Anna <anna@example.com> x', 'has a space before the @, which must be in quotes'],
    ['Anna <bob@example.com> <anna@example.com>', 'has ">" in the domain'],
    ['>', 'has no @'],
    ['"anna@example.com', 'has a quoted part that does not end before the @'],
    ['"anna" @example.com', 'has a quoted part that does not end before the @'],
    ['an\u0000na@example.com', 'has the invisible character U+0000'],
    ['anna@example.com\r\nBcc: bob@example.com', 'has the invisible character U+000D'],
    ['"Anna\nBcc: bob@example.com" <anna@example.com>', 'has the invisible character U+000A'],
    ['an\u200Bna@example.com', 'has the invisible character U+200B'],
    ['an\u00A0na@example.com', 'has the invisible character U+00A0'],
    ['an\uD800na@example.com', 'has the invisible character U+D800'],
    [`${'x'.repeat(65)}@example.com`, 'has more than 64 octets before the @'],
    [`${'ü'.repeat(33)}@example.com`, 'has more than 64 octets before the @'],
    [`${'x'.repeat(64)}@${'a.'.repeat(94)}org`, 'is longer than 254 octets'],
    [`${'x'.repeat(2000)}@example.com`, 'is longer than 254 octets'],
  ])('refuses %j: it %s', (text, problem) => {
    expect(parseAddress(text)).toEqual({ problem });
  });
});

describe('any text', () => {
  it('never throws, and what it accepts is safe at RCPT and reads as itself', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseAddress(text);
        if ('problem' in parsed) {
          expect(parsed.problem).not.toBe('');
          return;
        }
        expect(parsed.address).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(parsed.domain).toMatch(/^[-a-z0-9]+(\.[-a-z0-9]+)+$/);
        expect(Buffer.byteLength(parsed.address)).toBeLessThanOrEqual(254);
        expect(parseAddress(parsed.address)).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts what the grammar allows', () => {
    fc.assert(
      fc.property(writtenAddress, ({ text, address }) => {
        expect(written(text)).toBe(address);
      }),
    );
  });
});

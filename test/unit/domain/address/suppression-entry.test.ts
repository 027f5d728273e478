import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSuppressionEntry } from '../../../../controller/domain/address/suppression-entry.ts';
import { parseSuppressionFile } from '../../../../controller/domain/address/suppression-file.ts';
import { suppressionKeys } from '../../../../controller/domain/address/suppression-keys.ts';
import { anyText } from '../../../builders/address.ts';

describe('an entry of a suppression list', () => {
  it('is an address with the keys that its recipients have', () => {
    expect(parseSuppressionEntry(' Anna <Anna+x@outlook.com> ')).toEqual({
      kind: 'Address',
      address: 'Anna+x@outlook.com',
      keys: suppressionKeys('anna+x@outlook.com').addresses,
    });
  });

  it.each(['corp.example', '@corp.example', '*@corp.example', '*.corp.example', ' Corp.Example. '])(
    'is a domain when it says %j',
    (text) => {
      expect(parseSuppressionEntry(text)).toEqual({ kind: 'Domain', domain: 'corp.example' });
    },
  );

  it.each([
    ['', 'is empty'],
    ['@', 'is empty'],
    ['anna', 'is neither an address nor a domain: has a domain without a dot'],
    ['@com', 'is neither an address nor a domain: has a domain without a dot'],
    ['co.uk', 'is a public suffix, below which everybody registers; name the domains instead'],
    ['anna@', 'has no domain'],
    ['@anna@corp.example', 'is neither an address nor a domain: has a second @ in the domain'],
  ])('is refused when it says %j: it %s', (text, problem) => {
    expect(parseSuppressionEntry(text)).toEqual({ problem });
  });
});

describe('a suppression file', () => {
  it('holds one entry per line or the first column, with comments, header and byte order mark skipped', () => {
    const file = parseSuppressionFile(
      [
        '\uFEFF# left in May',
        'email;reason',
        'anna@example.com;bounce, hard',
        '',
        'Bob <bob@example.com>\tcomplaint',
        '"carl@example.com", "he said ""no"""',
        '"d,d"@example.com,quoted local part',
        '"""e e""@example.com"',
        'ANNA@example.com   # again',
        'f#g@example.com',
        '@corp.example',
        '  # end',
      ].join('\r\n'),
    );
    expect(file.problems).toEqual([]);
    expect(file.entries).toBe(8);
    expect(file.domains).toEqual(['corp.example']);
    expect(file.addresses).toEqual(
      [
        'anna@example.com',
        'bob@example.com',
        'carl@example.com',
        '"d,d"@example.com',
        '"e e"@example.com',
        'f#g@example.com',
      ].flatMap((address) => suppressionKeys(address).addresses),
    );
  });

  it('names the lines that are neither address nor domain, and keeps the others', () => {
    const file = parseSuppressionFile('anna@example.com\nnobody\nemail\n@corp.example');
    expect(file.entries).toBe(2);
    expect(file.problems).toEqual([
      { line: 2, text: 'nobody', problem: 'is neither an address nor a domain: has a domain without a dot' },
      { line: 3, text: 'email', problem: 'is neither an address nor a domain: has a domain without a dot' },
    ]);
  });

  it('never throws, and every line is an entry, a problem or nothing', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 5 }), (lines) => {
        const file = parseSuppressionFile(lines.join('\n'));
        expect(file.entries + file.problems.length).toBeLessThanOrEqual(
          lines.join('\n').split(/\r\n|\n|\r/).length,
        );
      }),
    );
  });
});

import * as fc from 'fast-check';
import { anyCharacter } from './any-character.ts';

/** Text that is often nearly an address: from the pieces where parsers go wrong, or plain noise. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('@', '"', '\\', '<', '>', '.', '+', ' ', ',', ';', '#', '\t', '\r\n', '[', ']', '-'),
        fc.constantFrom('gmail.com', 'googlemail.com', 'outlook.de', 'example.com', 'bücher.example'),
        fc.constantFrom(
          'xn--',
          'İ',
          'Σ',
          'ß',
          'é',
          'e\u0301',
          '\u200B',
          '\u037E',
          '\u212A',
          '\uFEFF',
          '\uD800',
        ),
        fc.string({ maxLength: 6 }),
        fc.string({ unit: anyCharacter, maxLength: 3 }),
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join('')),
);

const ATEXT = "abcXYZ019!#$%&'*+-/=?^_`{|}~";
const atom = fc.string({ unit: fc.constantFrom(...Array.from(ATEXT)), minLength: 1, maxLength: 12 });
const plainLocal = fc.array(atom, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join('.'));
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9]{0,10}[a-z0-9])?$/);
const domain = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.constantFrom('com', 'example', 'co.uk'))
  .map(([labels, top]) => [...labels, top].join('.'));
const displayName = fc.constantFrom('', 'Anna ', '"Smith, \\"A\\" <x@y>" ', 'Ünal 用户 ');

/** A valid address in one of its spellings, and how it is written at RCPT. */
export const writtenAddress: fc.Arbitrary<{ readonly text: string; readonly address: string }> = fc
  .record({ local: plainLocal, domain, name: displayName, isQuoted: fc.boolean(), hasDot: fc.boolean() })
  .map(({ local, domain, name, isQuoted, hasDot }) => {
    const bare = `${isQuoted ? `"${local}"` : local}@${domain.toUpperCase()}${hasDot ? '.' : ''}`;
    return { text: name === '' ? bare : `${name}<${bare}>`, address: `${local}@${domain}` };
  });

import * as fc from 'fast-check';

/** Any code point, lone surrogates included, half of them below U+0100. fast-check's own unit `binary` takes seconds to set up. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0xff), fc.nat(0x10ffff))
  .map((codePoint) => String.fromCodePoint(codePoint));

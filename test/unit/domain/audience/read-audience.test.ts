import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey } from '../../../../controller/domain/address/address-key.ts';
import { AudienceReading } from '../../../../controller/domain/audience/read-audience.ts';
import { anyText } from '../../../builders/address.ts';
import { inPieces, readAll } from '../../../builders/audience-source.ts';

describe('an audience', () => {
  it('mails each mailbox once, in the first of its spellings', async () => {
    const csv = `email
Anna@Example.com
anna@example.com
"anna"@example.com
anna@EXAMPLE.com.
B.o.b+news@gmail.com
bob@googlemail.com
carl@bücher.example
carl@xn--bcher-kva.example
dora+x@corp.example
dora@corp.example
`;
    const read = await readAll(csv);
    expect(read.lines).toEqual([
      '2: Anna@example.com {}',
      '3: duplicate, "anna@example.com" is the same mailbox as in line 2',
      '4: duplicate, "\\"anna\\"@example.com" is the same mailbox as in line 2',
      '5: duplicate, "anna@EXAMPLE.com." is the same mailbox as in line 2',
      '6: B.o.b+news@gmail.com {}',
      '7: duplicate, "bob@googlemail.com" is the same mailbox as in line 6',
      '8: carl@xn--bcher-kva.example {}',
      '9: duplicate, "carl@xn--bcher-kva.example" is the same mailbox as in line 8',
      '10: dora+x@corp.example {}',
      '11: dora@corp.example {}',
    ]);
    expect(read.counts).toEqual({ read: 10, accepted: 5, invalid: 0, duplicate: 5 });
  });

  it('refuses a local part beyond ASCII, since not every route can send it', async () => {
    expect((await readAll('email\njürgen@example.com')).lines).toEqual([
      '2: invalid, "jürgen@example.com" has letters beyond ASCII before the @: that needs SMTPUTF8, which not every route offers',
    ]);
  });

  it('gives each row the key of its mailbox', async () => {
    const reading = new AudienceReading('email\nA.nna@gmail.com', { format: 'CSV', emailColumn: 'email' });
    const first = await reading[Symbol.asyncIterator]().next();
    expect(first.value).toEqual({
      line: 2,
      row: { address: 'A.nna@gmail.com', key: addressKey('anna@gmail.com'), variables: {} },
    });
  });

  it('is read from UTF-8 or UTF-16 bytes, in pieces of text too', async () => {
    const csv = 'email,name\nanna@example.com,Änne\n';
    const line = '2: anna@example.com {"name":"Änne"}';
    const littleEndian = Buffer.from(`\uFEFF${csv}`, 'utf16le');
    expect((await readAll(inPieces(littleEndian, 64))).lines).toEqual([line]);
    expect((await readAll(inPieces(Buffer.from(littleEndian).swap16(), 64))).lines).toEqual([line]);
    const pieces = async function* () {
      yield '';
      yield Buffer.alloc(0);
      yield '\uFEFF';
      yield csv;
    };
    expect((await readAll(pieces())).lines).toEqual([line]);
  });

  it.each([
    [
      'Latin-1',
      Buffer.from('email,name\na@example.com,Änne\n', 'latin1'),
      'is not UTF-8 text; save it as UTF-8',
    ],
    [
      'cut off',
      Buffer.from('email,name\na@example.com,ä').subarray(0, -1),
      'is not UTF-8 text; save it as UTF-8',
    ],
    ['compressed', Buffer.from([0x1f, 0x8b, 0x08, 0x00]), 'is not UTF-8 text; save it as UTF-8'],
    ['binary', Buffer.from('email\0'), 'is not text: it contains NUL bytes; save it as UTF-8 text'],
  ])('is of no use as a whole when it is %s', async (_, bytes, message) => {
    await expect(readAll(inPieces(bytes, 65_536))).rejects.toThrow(
      expect.objectContaining({ name: 'AudienceUnreadable', message }),
    );
  });

  it.each([
    ['an error', new Error('EIO: read failed'), 'cannot be read: EIO: read failed'],
    ['something else', 'no luck', 'cannot be read: no luck'],
  ])('is of no use when its source fails half-way with %s', async (_, failure, message) => {
    const failing = async function* () {
      yield 'email\na@example.com\n';
      throw failure;
    };
    for (const format of ['CSV', 'NDJSON', 'JSON'] as const)
      await expect(
        readAll(
          (async function* () {
            yield format === 'CSV'
              ? 'email\na@example.com\n'
              : format === 'JSON'
                ? '['
                : '{"email":"a@example.com"}\n';
            yield* failing();
          })(),
          { format },
        ),
      ).rejects.toThrow(expect.objectContaining({ name: 'AudienceUnreadable', message }));
  });

  it('closes its source when the reader stops early', async () => {
    let isClosed = false;
    const endless = async function* () {
      try {
        yield 'email\n';
        for (let index = 0; ; index += 1) yield `r${index}@example.com\n`;
      } finally {
        isClosed = true;
      }
    };
    for await (const item of new AudienceReading(endless(), { format: 'CSV', emailColumn: 'email' }))
      if ('row' in item) break;
    await expect.poll(() => isClosed).toBe(true);
  });

  it('reads or refuses any text, with every row counted once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyText),
        fc.constantFrom('CSV', 'NDJSON', 'JSON'),
        async (pieces, format) => {
          const text = `${format === 'CSV' ? 'email\n' : '{"email":""}'}${pieces.join('\n')}`;
          const read = await readAll(text, { format }).catch((error: unknown) => error);
          if (read instanceof Error) expect(read.name).toBe('AudienceUnreadable');
          else expect(read).toMatchObject({ counts: { read: (read as { lines: string[] }).lines.length } });
        },
      ),
      { numRuns: 200 },
    );
  });
});

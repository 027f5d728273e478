import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPieces, readAll } from '../../../builders/audience-source.ts';

describe('a CSV audience', () => {
  it('gives the address and the other columns of each row', async () => {
    const read = await readAll(
      'email,first_name,city\nanna@example.com,Anna,Köln\nBob <bob@Example.com>,Bob,\n',
    );
    expect(read.lines).toEqual([
      '2: anna@example.com {"first_name":"Anna","city":"Köln"}',
      '3: bob@example.com {"first_name":"Bob"}',
    ]);
    expect(read.counts).toEqual({ read: 2, accepted: 2, invalid: 0, duplicate: 0 });
  });

  it('may have a byte order mark, CRLF, empty lines and rows, spaces around names and no end of line', async () => {
    const csv =
      '\uFEFF\r\n Email , first name ,name\r\nanna@example.com,x,Anna\r\n\r\n   \r\n,,\r\nbob@example.com,y, Bob ';
    expect((await readAll(csv)).lines).toEqual([
      '3: anna@example.com {"name":"Anna"}',
      '7: bob@example.com {"name":"Bob"}',
    ]);
  });

  it.each([
    ['semicolons', 'name;"e,mail";email\nAnna;x,y,z;anna@example.com'],
    ['tabs', 'name\tx, y, z, a\temail\nAnna\tx\tanna@example.com'],
    ['tabs', 'name\t"no,email"\t"e""mail"\temail\nAnna\tx\ty\tanna@example.com'],
    ['commas', 'name,"a;b;c;d",email\nAnna,x,anna@example.com'],
  ])('is separated by %s when its header is', async (_, csv) => {
    expect((await readAll(csv)).lines).toEqual(['2: anna@example.com {"name":"Anna"}']);
  });

  it('may have one column only', async () => {
    expect((await readAll('email\nanna@example.com')).lines).toEqual(['2: anna@example.com {}']);
  });

  it('takes quoted local parts, quoted as a cell or not', async () => {
    const csv =
      'email,name\n"anna smith"@example.com,Anna\n"""b,c""@example.com","Bob ""B"""\n"d,e"@example.com,D';
    expect((await readAll(csv)).lines).toEqual([
      '2: "anna smith"@example.com {"name":"Anna"}',
      '3: "b,c"@example.com {"name":"Bob \\"B\\""}',
      '4: "d,e"@example.com {"name":"D"}',
    ]);
  });

  it('knows the line on which a row begins, whatever quoted line ends came before', async () => {
    const csv =
      'email,note\r\na@example.com,"one\r\ntwo\r\nthree"\r\n\r\nb@example.com,"x\ny"\r\nnobody,z\r\n';
    expect((await readAll(csv)).lines).toEqual([
      '2: a@example.com {"note":"one\\r\\ntwo\\r\\nthree"}',
      '6: b@example.com {"note":"x\\ny"}',
      '8: invalid, "nobody" has no @',
    ]);
  });

  it('refuses a row of another width, a value that is too long and an address that is none', async () => {
    const csv = `email,name\na@example.com\nb@example.com,B,x\nc@example.com,${'x'.repeat(1025)}\nd@@example.com,D\n,E`;
    const read = await readAll(csv);
    expect(read.lines).toEqual([
      '2: invalid, has 1 columns instead of 2',
      '3: invalid, has 3 columns instead of 2',
      '4: invalid, name is longer than 1024 characters',
      '5: invalid, "d@@example.com" has a second @ in the domain',
      '6: invalid, "" is empty',
    ]);
    expect(read.counts).toEqual({ read: 5, accepted: 0, invalid: 5, duplicate: 0 });
  });

  it('leaves out columns that no template can name', async () => {
    const csv = 'email,First Name,__proto__,constructor,unsubscribeUrl,,ok\na@example.com,1,2,3,4,5,6';
    expect((await readAll(csv)).lines).toEqual(['2: a@example.com {"ok":"6"}']);
  });

  it.each([
    ['', 'is empty: a CSV begins with a header line'],
    ['\n \n', 'is empty: a CSV begins with a header line'],
    [
      'mail,name\na@example.com,A',
      'has no column "email" but "mail", "name": set audience.emailColumn to the one that holds the address',
    ],
    [
      'a@example.com\nb@example.com',
      'has no column "email" but "a@example.com": the first line must be a header',
    ],
    ['email,Email\na@example.com,b@example.com', 'has the column email twice; remove or rename one'],
    ['email,name,name\na@example.com,1,2', 'has the column name twice; remove or rename one'],
    [
      'email,name\na@example.com,"A\nb@example.com,B\n',
      'ends within a quoted cell: look for a quote that is not closed in or above line 3',
    ],
  ])('is of no use as a whole when it is %j', async (csv, message) => {
    await expect(readAll(csv)).rejects.toThrow(
      expect.objectContaining({ name: 'AudienceUnreadable', message }),
    );
  });

  it('names few of many columns, and refuses more than a template can use', async () => {
    const names = Array.from({ length: 101 }, (_, index) => `c${index}`);
    await expect(readAll(names.join(','))).rejects.toThrow('"c19" and 81 more: set audience.emailColumn');
    await expect(readAll(`email,${names.join(',')}`)).rejects.toThrow(
      'has 101 columns besides the address, at most 100 are allowed',
    );
  });

  it('is given up at a row that never ends', async () => {
    const csv = `email,name\na@example.com,"${'x'.repeat(550_000)}`;
    await expect(readAll(inPieces(csv, 65_536))).rejects.toThrow(
      'has a row longer than 500000 bytes: look for a quote that is not closed in or above line 2',
    );
    await expect(readAll(inPieces('x'.repeat(1_050_000), 65_536))).rejects.toThrow('has a row longer than');
  });

  it('reads the same in pieces of any size', async () => {
    const csv = '\uFEFFemail;name\r\n"ä, b"@exämple.com;"x;\r\n""y"""\r\nanna@example.com;Änne\r\n';
    const whole = await readAll(csv);
    for (const size of [1, 2, 3, 7]) expect(await readAll(inPieces(csv, size))).toEqual(whole);
  });

  it('reads what a spreadsheet wrote, cell for cell', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'ü', '"', ',', '\n', '\r\n', ' ', '😀'),
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 6 }), async (cells) => {
        const rows = cells.map((text, index) => `"${text.replaceAll('"', '""')}",r${index}@example.com`);
        const read = await readAll(`name,email\n${rows.join('\n')}\n`);
        expect(read.lines.map((line) => line.replace(/^\d+: /, ''))).toEqual(
          cells.map((text, index) => {
            const name = text.trim();
            return `r${index}@example.com ${JSON.stringify(name === '' ? {} : { name })}`;
          }),
        );
      }),
      { numRuns: 100 },
    );
  });
});

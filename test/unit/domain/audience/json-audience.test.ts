import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inPieces, readAll } from '../../../builders/audience-source.ts';

describe('an NDJSON audience', () => {
  const format = 'NDJSON';

  it('has one object per line; its texts, numbers and truth values are the variables', async () => {
    const text =
      '\n{"email":"a@example.com","name":"A","age":41,"isNew":true,"gone":null,"no name":1}\r\n\n{" EMAIL ":"b@example.com"}\n';
    expect((await readAll(text, { format })).lines).toEqual([
      '2: a@example.com {"name":"A","age":"41","isNew":"true"}',
      '4: b@example.com {}',
    ]);
  });

  it('refuses a row that is no object, has no address, or has something nested', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`c${index}`, 'x']));
    const text = [
      '{"email":"a@example.com"}',
      '{"email":',
      '["b@example.com"]',
      'null',
      '{"name":"x"}',
      '{"email":7}',
      '{"email":"c@example.com","tags":["x"]}',
      JSON.stringify({ email: 'd@example.com', ...many }),
    ].join('\n');
    const read = await readAll(text, { format });
    expect(read.lines).toEqual([
      '1: a@example.com {}',
      '2: invalid, is not a JSON object',
      '3: invalid, is not a JSON object',
      '4: invalid, is not a JSON object',
      '5: invalid, has no text in property email',
      '6: invalid, has no text in property email',
      '7: invalid, has a list or object in property tags',
      '8: invalid, has 101 variables, at most 100 are allowed',
    ]);
    expect(read.counts).toEqual({ read: 8, accepted: 1, invalid: 7, duplicate: 0 });
  });

  it('does not let a row reach the machinery of objects', async () => {
    const text = '{"email":"a@example.com","__proto__":"x","constructor":"y","hasOwnProperty":"z"}';
    expect((await readAll(text, { format })).lines).toEqual(['1: a@example.com {"hasOwnProperty":"z"}']);
    const nested = '{"email":"a@example.com","__proto__":{"polluted":"x"}}';
    expect((await readAll(nested, { format })).lines).toEqual([
      '1: invalid, has a list or object in property __proto__',
    ]);
    expect({}).not.toHaveProperty('polluted');
  });

  it('is of no use when its first row is none, or a line never ends', async () => {
    await expect(readAll('email,name\na@example.com,A', { format })).rejects.toThrow(
      'has no JSON object in line 1, where the first row should be',
    );
    await expect(readAll('{"mail":"a@example.com"}', { format })).rejects.toThrow(
      'has no property "email" in its first row: set audience.emailColumn',
    );
    const long = `{"email":"a@example.com"}\n{"email":"${'x'.repeat(550_000)}`;
    await expect(readAll(inPieces(long, 65_536), { format })).rejects.toThrow(
      'has a line of more than 500000 characters: line 2',
    );
  });
});

describe('a JSON audience', () => {
  const format = 'JSON';

  it('is an array of objects, in any layout', async () => {
    const text = `\uFEFF [
      {"email": "a@example.com", "name": "[x], {\\"y\\"} \\\\"},
      { "email": "b@example.com",
        "name": "B" }
      , {"email":"c@example.com"}, 7, {"email":"d@example.com","tags":[[1],{}]}
    ]
    `;
    const whole = await readAll(text, { format });
    expect(whole.lines).toEqual([
      '2: a@example.com {"name":"[x], {\\"y\\"} \\\\"}',
      '3: b@example.com {"name":"B"}',
      '5: c@example.com {}',
      '5: invalid, is not a JSON object',
      '5: invalid, has a list or object in property tags',
    ]);
    for (const size of [1, 2, 3, 5]) expect(await readAll(inPieces(text, size), { format })).toEqual(whole);
  });

  it('may be empty', async () => {
    expect((await readAll(' [ ] ', { format })).counts.read).toBe(0);
  });

  it.each([
    ['', 'is not a JSON array: it has no end'],
    ['{"email":"a@example.com"}', 'is not a JSON array: "[" expected in line 1'],
    ['x [', 'is not a JSON array: "[" expected in line 1'],
    ['[{"email":"a@example.com"}', 'is not a JSON array: it has no end'],
    ['[{"email":"a@example.com"}]\n[', 'is not a JSON array: "[" expected in line 2'],
    ['[{"email":"a@example.com"}] x', 'is not a JSON array: something follows its end'],
    ['[1]', 'has no JSON object in line 1, where the first row should be'],
    [
      `[{"email":"${'x'.repeat(500_001)}"}]`,
      'has an element of more than 500000 characters: it begins in line 1',
    ],
  ])('is of no use when it is %.40j', async (text, message) => {
    await expect(readAll(text, { format })).rejects.toThrow(
      expect.objectContaining({ name: 'AudienceUnreadable', message }),
    );
  });

  it('counts an element that is empty as an invalid row', async () => {
    const read = await readAll('[{"email":"a@example.com"},\n,\n]', { format });
    expect(read.lines.slice(1)).toEqual([
      '2: invalid, is not a JSON object',
      '3: invalid, is not a JSON object',
    ]);
  });

  it('reads whatever JSON.stringify writes, in pieces', async () => {
    const text = fc.string({
      unit: fc.constantFrom('"', '\\', '[', ']', '{', '}', ',', '\n', 'ä', '😀'),
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        async (names, size) => {
          const rows = names.map((name, index) => ({ email: `r${index}@example.com`, name }));
          for (const space of [0, 2]) {
            const read = await readAll(inPieces(JSON.stringify(rows, undefined, space), size), { format });
            expect(read.lines.map((line) => line.replace(/^\d+: /, ''))).toEqual(
              names.map((name, index) => {
                const value = name.trim();
                return `r${index}@example.com ${JSON.stringify(value === '' ? {} : { name: value })}`;
              }),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});

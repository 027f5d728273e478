import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRows, encodeRows } from '../../../controller/ledger/row-codec.ts';

const aRow = fc.record({
  address: fc.string({ minLength: 1 }),
  key: fc.string({ minLength: 1 }),
  variables: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
});

describe('a chunk of rows', () => {
  it('is read as it was written, whatever its variables are called', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aRow, { maxLength: 20 }), async (rows) => {
        expect(await decodeRows(await encodeRows(rows))).toEqual(rows);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps a variable that a row does not have apart from an empty one', async () => {
    const rows = [
      { address: 'a@example.net', key: 'a@example.net', variables: { name: '' } },
      { address: 'b@example.net', key: 'b@example.net', variables: {} },
    ];
    expect(await decodeRows(await encodeRows(rows))).toEqual(rows);
  });
});

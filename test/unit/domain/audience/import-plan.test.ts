import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportComparison, type StoredRow } from '../../../../controller/domain/audience/import-plan.ts';
import { KeyTable } from '../../../../controller/domain/audience/key-table.ts';

function planImport(existing: readonly StoredRow[], incoming: readonly string[]) {
  const comparison = new ImportComparison(existing);
  const append = incoming.filter((key) => comparison.isNew(key));
  return { append, ...comparison.finish() };
}

describe('a changed audience', () => {
  it('appends new rows, cancels those that are gone, restores those that are back, and touches no other', () => {
    const existing = [
      { row: 0, key: 'stays', cancelled: false },
      { row: 1, key: 'goes', cancelled: false },
      { row: 2, key: 'returns', cancelled: true },
      { row: 3, key: 'stays-away', cancelled: true },
      { row: 4, key: 'goes-too', cancelled: false },
    ];
    expect(planImport(existing, ['new', 'returns', 'stays', 'newer'])).toEqual({
      append: ['new', 'newer'],
      removed: [1, 4],
      restored: [2],
    });
  });

  it('is all new the first time, and no change when it is read again', () => {
    const rows = ['a', 'b'];
    expect(planImport([], rows)).toEqual({ append: rows, removed: [], restored: [] });
    const stored = rows.map((key, row) => ({ row, key, cancelled: false }));
    expect(planImport(stored, rows)).toEqual({ append: [], removed: [], restored: [] });
  });

  it('leaves alive exactly what the source has, whatever was there before', () => {
    const keys = fc.uniqueArray(fc.integer({ min: 0, max: 30 }).map(String));
    fc.assert(
      fc.property(
        keys,
        fc.array(fc.boolean(), { minLength: 31, maxLength: 31 }),
        keys,
        (before, dead, source) => {
          const existing = before.map((key, row) => ({ row, key, cancelled: dead[row] === true }));
          const plan = planImport(existing, source);
          const alive = existing
            .filter(({ row, cancelled }) =>
              cancelled ? plan.restored.includes(row) : !plan.removed.includes(row),
            )
            .map(({ key }) => key);
          expect([...alive, ...plan.append].sort()).toEqual([...source].sort());
        },
      ),
    );
  });
});

describe('the key table', () => {
  it('keeps the last number of each of many keys', () => {
    const table = new KeyTable();
    for (let index = 0; index < 5000; index += 1) expect(table.put(`key ${index}`, index)).toBeUndefined();
    for (let index = 0; index < 5000; index += 2) expect(table.put(`key ${index}`, index + 1)).toBe(index);
    expect(table.size).toBe(5000);
    expect(table.get('key 4998')).toBe(4999);
    expect(table.get('key 4999')).toBe(4999);
    expect(table.get('another')).toBeUndefined();
    expect([...table.values()]).toHaveLength(5000);
  });
});

import { assert, jsonValue, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameValue } from '../../../../controller/operator/kube/same-value.ts';

describe('two values', () => {
  it('are the same when their JSON is', () => {
    assert(
      property(jsonValue(), jsonValue(), (one, other) => {
        const copy: unknown = JSON.parse(JSON.stringify(one));
        expect(isSameValue(one, copy)).toBe(true);
        expect(isSameValue({ one }, { one: copy, other: undefined })).toBe(true);
        expect(isSameValue([one], [copy, other])).toBe(false);
        expect(isSameValue({ one }, { one: copy, other })).toBe(false);
        expect(isSameValue({ one, other }, { one: copy })).toBe(false);
      }),
    );
  });

  it.each<[unknown, unknown]>([
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: undefined }, {}],
    [{}, { a: undefined }],
    [[{ a: [] }], [{ a: [] }]],
    [null, null],
  ])('%o and %o are the same', (one, other) => {
    expect(isSameValue(one, other)).toBe(true);
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: '1' }],
    [{ a: 1 }, { a: 1, b: 0 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [{}, []],
    [{}, null],
    [null, {}],
    [{ constructor: 1 }, {}],
    [undefined, {}],
  ])('%o and %o are not', (one, other) => {
    expect(isSameValue(one, other)).toBe(false);
  });
});

import { array, assert, constantFrom, dictionary, json, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leanText } from '../../../../controller/operator/kube/lean-text.ts';

const lean = (value: unknown): unknown => JSON.parse(leanText(Buffer.from(JSON.stringify(value))));

describe('the text of an object', () => {
  it('loses its managedFields and nothing else, whatever they hold and wherever they stand', () => {
    const text = constantFrom('"', '\\', ']', '[', '{"k":1}', '"managedFields":[', 'ü', 'f:spec', '');
    const fields = array(dictionary(text, json()), { maxLength: 3 });
    const part = dictionary(string(), text, { maxKeys: 3 });
    assert(
      property(fields, part, part, text, (managedFields, before, after, note) => {
        const around = (metadata: object): object => ({ type: 'ADDED', note, object: { metadata, note } });
        const parts = { before, after };
        expect(lean(around({ before, managedFields, after }))).toEqual(around(parts));
        expect(lean(around({ managedFields, ...parts }))).toEqual(around(parts));
        expect(lean(around({ ...parts, managedFields }))).toEqual(around(parts));
        expect(lean(around({ managedFields }))).toEqual(around({}));
        expect(lean(around(parts))).toEqual(around(parts));
      }),
    );
  });

  it('stays as it is when the fields never end: whoever parses it says so', () => {
    const cut = '{"metadata":{"managedFields":[{"a":"]"}';
    expect(leanText(Buffer.from(cut))).toBe(cut);
  });
});

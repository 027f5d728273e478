import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { count, labels, listMap, listSet, matching, text } from '../../../controller/api/field.ts';
import { structuralSchema } from '../../../controller/api/structural-schema.ts';

describe('a structural schema', () => {
  it('has fields, what is required and defaults, static ones for nested objects too', () => {
    const schema = structuralSchema(
      z.strictObject({
        name: text(10, 1).describe('A name.'),
        nested: z.strictObject({ size: count(0, 5).default(3) }).prefault({}),
      }),
    );
    expect(schema).toEqual({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'A name.', minLength: 1, maxLength: 10, rules: [] },
        nested: {
          type: 'object',
          default: {},
          properties: {
            size: { type: 'integer', format: 'int32', default: 3, minimum: 0, maximum: 5, rules: [] },
          },
          rules: [],
        },
      },
      rules: [],
    });
  });

  it('gives whole numbers a format and leaves out the bounds of the number type', () => {
    expect(structuralSchema(z.int())).toEqual({ type: 'integer', format: 'int64', rules: [] });
    expect(structuralSchema(count(0, Number.MAX_SAFE_INTEGER))).toEqual({
      type: 'integer',
      format: 'int64',
      minimum: 0,
      rules: [],
    });
    expect(structuralSchema(count(1, 2 ** 31))).toMatchObject({ format: 'int64', maximum: 2 ** 31 });
  });

  it('knows lists by key, lists without repetition and mappings', () => {
    const item = z.strictObject({ name: text(5) });
    expect(structuralSchema(listMap(item, 'name', 3))).toMatchObject({
      listType: 'map',
      listMapKeys: ['name'],
      maxItems: 3,
    });
    expect(structuralSchema(listSet(text(5), 3).min(1))).toMatchObject({ listType: 'set', minItems: 1 });
    expect(structuralSchema(labels(7))).toMatchObject({
      maxProperties: 7,
      additionalProperties: { type: 'string', maxLength: 63 },
    });
  });

  it('keeps the words for a pattern beside it', () => {
    expect(structuralSchema(matching(text(3), /^a+$/, 'must be a, aa or aaa'))).toMatchObject({
      pattern: '^a+$',
      patternMessage: 'must be a, aa or aaa',
    });
  });

  it('refuses what no CRD can say, and names the place', () => {
    const schema = z.strictObject({
      list: z.array(z.strictObject({ either: z.union([z.string(), z.int()]) })),
    });
    expect(() => structuralSchema(schema)).toThrow(
      '.list[].either: anyOf is not possible in a CRD; use optional fields and a CEL rule',
    );
    expect(() => structuralSchema(z.looseObject({}))).toThrow('type undefined is not possible');
  });
});

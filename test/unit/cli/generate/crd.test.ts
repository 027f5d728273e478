import { Environment } from '@marcbachmann/cel-js';
import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../controller/api/kinds.ts';
import type { ResourceKind } from '../../../../controller/api/resource-kind.ts';
import { structuralSchema, type StructuralSchema } from '../../../../controller/api/structural-schema.ts';
import { crdSchema } from '../../../../controller/cli/generate/crd-schema.ts';
import { customResourceDefinition } from '../../../../controller/cli/generate/crd.ts';
import { fieldsOf } from '../../../../controller/cli/generate/field-table.ts';
import { ratcheting } from '../../../../controller/cli/generate/ratchet.ts';

interface Place {
  readonly path: string;
  readonly schema: StructuralSchema;
}

/** Every schema of a kind: fields, items of lists, values of mappings. */
function placesOf(kind: ResourceKind): Place[] {
  return (['spec', 'status'] as const).flatMap((part) =>
    below(`${kind.kind} .${part}`, structuralSchema(kind[part])),
  );
}

function below(path: string, schema: StructuralSchema): Place[] {
  const children: [string, StructuralSchema][] = Object.entries(schema.properties ?? {}).map(
    ([name, child]) => [`${path}.${name}`, child],
  );
  if (schema.items) children.push([`${path}[]`, schema.items]);
  if (schema.additionalProperties) children.push([`${path}.*`, schema.additionalProperties]);
  return [{ path, schema }, ...children.flatMap(([name, child]) => below(name, child))];
}

const places = Object.values(KINDS).flatMap(placesOf);
const without = (has: (schema: StructuralSchema) => boolean) =>
  places.filter(({ schema }) => !has(schema)).map(({ path }) => path);

/** The schema at a JSON path such as `.spec.quota`, or undefined. */
function schemaAt(kind: ResourceKind, jsonPath: string): StructuralSchema | undefined {
  const [, part, ...rest] = jsonPath.replace(/\[.*?\]/, '[]').split('.');
  if (part !== 'spec' && part !== 'status') return undefined;
  return fieldsOf(structuralSchema(kind[part])).find(({ path }) => path === rest.join('.'))?.schema;
}

describe('every field of every kind', () => {
  it('is explained', () => {
    const undescribed = Object.values(KINDS).flatMap((kind) =>
      [...fieldsOf(structuralSchema(kind.spec)), ...fieldsOf(structuralSchema(kind.status))]
        .filter(({ schema }) => (schema.description ?? '').length < 5)
        .map(({ path }) => `${kind.kind} ${path}`),
    );
    expect(undescribed).toEqual([]);
  });

  it('is bounded, so that the cost of a rule can be told', () => {
    expect(
      without(
        ({ type, maxLength, enum: values }) => type !== 'string' || (maxLength ?? values) !== undefined,
      ),
    ).toEqual([]);
    expect(without(({ type, maxItems }) => type !== 'array' || maxItems !== undefined)).toEqual([]);
    expect(
      without(
        ({ additionalProperties, maxProperties }) => !additionalProperties || maxProperties !== undefined,
      ),
    ).toEqual([]);
    expect(without(({ type, minimum }) => type !== 'integer' || minimum !== undefined)).toEqual([]);
  });

  it('says its default where it has one', () => {
    const silent = places.filter(
      ({ schema }) =>
        typeof schema.default !== 'object' &&
        schema.default !== undefined &&
        !schema.description?.includes('Default'),
    );
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('has no default inside a list, where it would fight the copy in Git', () => {
    const inLists = places.filter(({ path, schema }) => path.includes('[]') && schema.default !== undefined);
    expect(inLists.map(({ path }) => path)).toEqual([]);
  });

  it('has a pattern that means the same in RE2 and in JavaScript, if it has one', () => {
    const foreign = places.filter(({ schema }) =>
      /\\[swWSbBpPkuU]|\(\?|\.[*+]|\\[1-9]/.test(schema.pattern ?? ''),
    );
    expect(foreign.map(({ path }) => path)).toEqual([]);
  });
});

describe('the CRD of', () => {
  it.each(Object.values(KINDS))('$kind selects by and scales fields that exist', (kind) => {
    const selectable = kind.selectableFields ?? [];
    expect(selectable.length).toBeLessThanOrEqual(8);
    for (const path of selectable) {
      expect(['string', 'integer', 'boolean']).toContain(schemaAt(kind, path)?.type);
    }
    if (kind.scale === undefined) return;
    expect(schemaAt(kind, kind.scale.specReplicasPath)?.type).toBe('integer');
    expect(schemaAt(kind, kind.scale.statusReplicasPath)?.type).toBe('integer');
    expect(schemaAt(kind, kind.scale.labelSelectorPath)?.type).toBe('string');
  });

  it.each(Object.values(KINDS))('$kind shows columns of fields that exist, of their type', (kind) => {
    for (const { jsonPath, type } of kind.printerColumns) {
      if (jsonPath === '.metadata.creationTimestamp') expect(type).toBe('date');
      else expect(schemaAt(kind, jsonPath)?.type).toBe(type);
    }
    expect(kind.printerColumns.map(({ name }) => name)).toEqual(expect.arrayContaining(['Ready', 'Age']));
  });

  it.each(Object.values(KINDS))('$kind has rules that are CEL, each with one line of words', (kind) => {
    const environment = new Environment({ enableOptionalTypes: true })
      .registerVariable('self', 'dyn')
      .registerVariable('oldSelf', 'dyn');
    const rules = [
      ...JSON.stringify(customResourceDefinition(kind)).matchAll(
        /"rule":("(?:[^"\\]|\\.)*"),"message":("(?:[^"\\]|\\.)*")/g,
      ),
    ];
    for (const [, rule = '', message = ''] of rules) {
      expect(() => environment.parse(JSON.parse(rule) as string)).not.toThrow();
      expect(JSON.parse(message)).toMatch(/^(must|is) [^\n]+$/);
    }
  });
});

describe('a schema in a CRD', () => {
  it('has a rule with words instead of a pattern', () => {
    const schema = crdSchema({ type: 'string', pattern: '^a+$', patternMessage: 'must be as', rules: [] });
    expect(schema).toEqual({
      type: 'string',
      'x-kubernetes-validations': [{ rule: "self.matches(r'^a+$')", message: 'must be as' }],
    });
  });

  it('refuses a pattern without words', () => {
    expect(() => crdSchema({ type: 'string', pattern: '^a+$', rules: [] })).toThrow(/needs words/);
  });
});

describe('a rule about several fields', () => {
  const rule = { rule: 'self.a < self.b.c || !has(self.d)', message: 'must be so' };

  it('is forgiven while the fields that it reads are as before', () => {
    const environment = new Environment({ enableOptionalTypes: true })
      .registerVariable('self', 'dyn')
      .registerVariable('oldSelf', 'dyn');
    const holds = (self: object, old: object) =>
      environment.evaluate(
        ratcheting(rule)
          .rule.replaceAll('oldSelf.hasValue()', 'true')
          .replaceAll('oldSelf.value()', 'oldSelf'),
        {
          self,
          oldSelf: old,
        },
      );
    const bad = { a: 2n, b: { c: 1n }, d: 'x' };
    expect(holds({ ...bad, e: 1n }, bad)).toBe(true);
    expect(holds({ ...bad, a: 3n }, bad)).toBe(false);
    expect(holds({ ...bad, b: { c: 0n } }, bad)).toBe(false);
    expect(holds(bad, { a: 2n, b: { c: 1n } })).toBe(false);
  });

  it('stays as it is when it is about a change itself', () => {
    const change = { rule: 'self.a == oldSelf.a', message: 'is immutable' };
    expect(ratcheting(change)).toBe(change);
    expect(ratcheting(rule)).toMatchObject({ optionalOldSelf: true });
  });
});

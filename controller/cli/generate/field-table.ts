import type { StructuralSchema } from '../../api/structural-schema.ts';
import { code, table } from './markdown.ts';

/** A field of a schema with its full path, e.g. `esps[].weight`. */
export interface DocumentedField {
  readonly path: string;
  readonly schema: StructuralSchema;
  readonly isRequired: boolean;
}

/** Every field below a schema, parents before children. */
export function fieldsOf(schema: StructuralSchema, parent = ''): DocumentedField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const path = parent === '' ? name : `${parent}.${name}`;
    const isRequired = schema.required?.includes(name) === true;
    return [{ path, schema: child, isRequired }, ...fieldsBelow(child, path)];
  });
}

/** Table of all fields: type, default, what is allowed, meaning. */
export function fieldTable(schema: StructuralSchema): string {
  const rows = fieldsOf(schema).map(({ path, schema, isRequired }) => [
    code(path) + (isRequired ? ' **required**' : ''),
    typeName(schema),
    defaultText(schema),
    limits(schema),
    schema.description ?? '',
  ]);
  return table(['Field', 'Type', 'Default', 'Allowed', 'Meaning'], rows);
}

/** Every CEL rule below a schema, as `field: sentence`. */
export function ruleList(schema: StructuralSchema, root: string): string {
  const own = [{ path: root, schema, isRequired: true }];
  const fields = fieldsOf(schema).map((field) => ({ ...field, path: `${root}.${field.path}` }));
  const lines = [...own, ...fields].flatMap(({ path, schema }) =>
    schema.rules.map((rule) => `- ${code(path + (rule.fieldPath ?? ''))} ${rule.message}`),
  );
  return lines.join('\n');
}

function fieldsBelow(schema: StructuralSchema, path: string): DocumentedField[] {
  return schema.items === undefined ? fieldsOf(schema, path) : fieldsOf(schema.items, `${path}[]`);
}

function typeName(schema: StructuralSchema): string {
  switch (schema.type) {
    case 'array':
      return `list of ${schema.items === undefined ? 'anything' : typeName(schema.items)}`;
    case 'integer':
      return 'whole number';
    case 'boolean':
      return 'true or false';
    case 'object':
      return schema.additionalProperties === undefined ? 'object' : 'mapping';
    case 'string':
      return schema.format === undefined ? 'text' : schema.format;
  }
}

function defaultText(schema: StructuralSchema): string {
  if (schema.default === undefined) return '';
  const isPlain = typeof schema.default === 'object' && Object.keys(schema.default ?? {}).length === 0;
  return isPlain ? 'as below' : code(JSON.stringify(schema.default));
}

function limits(schema: StructuralSchema): string {
  const item = schema.items === undefined ? '' : limits(schema.items);
  const parts = [
    schema.enum?.map(code).join(', '),
    between(schema.minimum, schema.maximum, ''),
    schema.patternMessage?.replace(/^must be /, ''),
    between(schema.minLength, schema.maxLength, ' characters'),
    between(schema.minItems, schema.maxItems, ' items'),
    between(undefined, schema.maxProperties, ' entries'),
    schema.listType === 'set' ? 'no item twice' : undefined,
    schema.listMapKeys && `no ${schema.listMapKeys.map(code).join(', ')} twice`,
    item && `each: ${item}`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('; ');
}

function between(min: number | undefined, max: number | undefined, unit: string): string {
  const number = (value: number) => value.toLocaleString('en-US');
  if (min !== undefined && max !== undefined) return `${number(min)} to ${number(max)}${unit}`;
  if (max !== undefined) return `at most ${number(max)}${unit}`;
  return min === undefined ? '' : `at least ${number(min)}${unit}`;
}

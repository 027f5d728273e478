import type { z } from 'zod';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import { characterCount } from '../../api/field.ts';
import { formatFieldPath, type FieldIssue, type FieldPath } from './manifest-error.ts';
import { suggestion } from './suggestion.ts';

/** What the words are made of. */
export interface IssueContext {
  readonly structure: StructuralSchema;
  /** The object that was checked. */
  readonly value: unknown;
  /** Values must not be repeated. */
  readonly isSecret: boolean;
}

/** One of zod's findings in plain words: what is wrong, and what is allowed. */
export function issueText(issue: z.core.$ZodIssue, context: IssueContext): FieldIssue[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const schema = schemaAt(context.structure, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownField(key, path, schema) }));
  }
  const value = valueAt(context.value, path);
  if (value === undefined) return [{ path, message: `is required${schema ? `: ${allowed(schema)}` : ''}` }];
  if (issue.code === 'invalid_type' || issue.code === 'invalid_value') {
    return [{ path, message: wrongValue(value, schema, context.isSecret) }];
  }
  if (issue.code === 'too_big' || issue.code === 'too_small') {
    return [{ path, message: outOfBounds(issue, value, schema) }];
  }
  return [{ path, message: issue.message }];
}

/** What a field may hold, as words that follow "must be". */
function allowed(schema: StructuralSchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return schema.patternMessage?.replace(/^must be /, '') ?? formatted(schema);
    case 'array':
      return schema.maxItems === undefined ? 'a list' : `a list of at most ${number(schema.maxItems)} items`;
    case 'object': {
      const names = Object.keys(schema.properties ?? {});
      return names.length > 0
        ? `a mapping with the fields ${names.join(', ')}`
        : 'a mapping of names to text';
    }
  }
}

function formatted(schema: StructuralSchema): string {
  if (schema.format === 'date-time') return 'an RFC 3339 time such as 2026-11-24T09:00:00Z';
  if (schema.format === 'date') return 'a date such as 2026-11-24';
  return schema.maxLength === undefined ? 'text' : `text of at most ${number(schema.maxLength)} characters`;
}

function range({ minimum, maximum }: StructuralSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${number(minimum)} to ${number(maximum)}`;
  if (minimum !== undefined) return ` of at least ${number(minimum)}`;
  return maximum === undefined ? '' : ` of at most ${number(maximum)}`;
}

function unknownField(key: string, path: FieldPath, schema: StructuralSchema | undefined): string {
  const names = Object.keys(schema?.properties ?? {});
  const near = suggestion(key, names);
  const owner = path.length > 0 ? formatFieldPath(path) : 'the object';
  const hint = near === undefined ? `the fields are ${names.join(', ')}` : `did you mean ${near}?`;
  return `is not a field of ${owner}; ${hint}`;
}

function wrongValue(value: unknown, schema: StructuralSchema | undefined, isSecret: boolean): string {
  const must = `must be ${schema === undefined ? 'something else' : allowed(schema)}`;
  const near = typeof value === 'string' ? suggestion(value, schema?.enum ?? []) : undefined;
  const hint = near === undefined ? quotingHint(value, schema) : `; did you mean ${near}?`;
  return `${must}, not ${describe(value, isSecret)}${hint}`;
}

/** YAML reads `NO`, `1.5` and `on` as something else than text, and `"5"` as something else than a number. */
function quotingHint(value: unknown, schema: StructuralSchema | undefined): string {
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  if (schema?.type === 'string' && isScalar) return '; put it in quotes';
  const isQuoted = typeof value === 'string' && /^(\d+|true|false)$/.test(value);
  return isQuoted && (schema?.type === 'integer' || schema?.type === 'boolean') ? '; remove the quotes' : '';
}

function outOfBounds(
  issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall,
  value: unknown,
  schema: StructuralSchema | undefined,
): string {
  const isTooBig = issue.code === 'too_big';
  const bound = Number(isTooBig ? issue.maximum : issue.minimum);
  const limit = `at ${isTooBig ? 'most' : 'least'} ${number(bound)}`;
  if (typeof value === 'number') return `must be ${schema ? allowed(schema) : limit}, not ${value}`;
  const [size, unit] = sizeOf(value);
  return `must have ${limit} ${bound === 1 ? unit.one : unit.many}, not ${number(size)}`;
}

function sizeOf(value: unknown): [number, { one: string; many: string }] {
  if (typeof value === 'string') return [characterCount(value), { one: 'character', many: 'characters' }];
  if (Array.isArray(value)) return [value.length, { one: 'item', many: 'items' }];
  return [Object.keys(value ?? {}).length, { one: 'entry', many: 'entries' }];
}

function describe(value: unknown, isSecret: boolean): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const noun = typeof value === 'string' ? 'text' : typeof value;
  if (isSecret) return `a ${noun}`;
  const shown = JSON.stringify(value) ?? typeof value;
  const cut = shown.length > 60 ? `${shown.slice(0, 59)}…` : shown;
  return typeof value === 'string' ? `the text ${cut}` : cut;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function schemaAt(schema: StructuralSchema, path: FieldPath): StructuralSchema | undefined {
  let found: StructuralSchema | undefined = schema;
  for (const step of path) {
    found =
      typeof step === 'number' ? found?.items : (found?.properties?.[step] ?? found?.additionalProperties);
  }
  return found;
}

function valueAt(value: unknown, path: FieldPath): unknown {
  let found = value;
  for (const step of path) {
    found =
      typeof found === 'object' && found !== null
        ? (found as Record<string | number, unknown>)[step]
        : undefined;
  }
  return found;
}

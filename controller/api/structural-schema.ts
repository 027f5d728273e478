import { z } from 'zod';
import { OPEN_ENUM, PATTERN_MESSAGE, type CelRule } from './field.ts';

/**
 * The subset of OpenAPI v3 that a CustomResourceDefinition may use (a "structural schema"), as plain data.
 * Both the generated CRDs and the offline checks start from it.
 */
export interface StructuralSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** Says in words what the pattern asks for. */
  readonly patternMessage?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  /** Schema of the values of a mapping with free keys. */
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly listType?: 'set' | 'map' | 'atomic';
  readonly listMapKeys?: readonly string[];
  readonly rules: readonly CelRule[];
}

type JsonSchema = Readonly<Record<string, unknown>>;

const TYPES = ['object', 'array', 'string', 'integer', 'boolean'] as const;

/** Copied as they are; everything else is converted by name or refused. */
const COPIED = [
  'description',
  'default',
  'enum',
  'format',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
] as const;

const CONVERTED = [
  'type',
  'minimum',
  'maximum',
  'properties',
  'additionalProperties',
  'items',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
  PATTERN_MESSAGE,
  OPEN_ENUM,
];

/**
 * The structural schema of a zod schema, defaults included.
 * @throws when the zod schema says something that no structural schema can, e.g. a union.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const json = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'throw' });
  return convert(json, '');
}

function convert(json: JsonSchema, path: string): StructuralSchema {
  const type = TYPES.find((name) => name === json['type']);
  const known: readonly string[] = [...COPIED, ...CONVERTED];
  const foreign = Object.keys(json).filter((key) => !known.includes(key));
  if (type === undefined || foreign.length > 0) {
    const what = foreign.length > 0 ? foreign.join(', ') : `type ${String(json['type'])}`;
    throw new Error(
      `${path || 'schema'}: ${what} is not possible in a CRD; use optional fields and a CEL rule`,
    );
  }
  return {
    type,
    ...Object.fromEntries(copied(json).map((key) => [key, json[key]])),
    ...bounds(json, type),
    ...children(json, path),
    ...kubernetesExtensions(json),
    rules: (json['x-kubernetes-validations'] ?? []) as CelRule[],
  };
}

function copied(json: JsonSchema): readonly string[] {
  return COPIED.filter((key) => key in json && !(key === 'enum' && json[OPEN_ENUM] === true));
}

/** Zod bounds every whole number by ±(2^53 − 1); that bound is left to the format. */
function bounds(json: JsonSchema, type: StructuralSchema['type']): Partial<StructuralSchema> {
  if (type !== 'integer') return {};
  const { minimum, maximum } = json as { minimum?: number; maximum?: number };
  const isWide = maximum === undefined || maximum > 2 ** 31 - 1;
  return {
    format: isWide ? 'int64' : 'int32',
    ...(minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
  };
}

function children(json: JsonSchema, path: string): Partial<StructuralSchema> {
  const { properties, items, additionalProperties } = json as Record<string, JsonSchema | undefined>;
  const converted = Object.entries(properties ?? {}).map(([name, child]) => [
    name,
    convert(child as JsonSchema, `${path}.${name}`),
  ]);
  return {
    ...(properties && { properties: Object.fromEntries(converted) as Record<string, StructuralSchema> }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: convert(additionalProperties, `${path}.*`),
    }),
    ...(items && { items: convert(items, `${path}[]`) }),
  };
}

function kubernetesExtensions(json: JsonSchema): Partial<StructuralSchema> {
  const listType = json['x-kubernetes-list-type'] as StructuralSchema['listType'];
  const listMapKeys = json['x-kubernetes-list-map-keys'] as readonly string[] | undefined;
  const patternMessage = json[PATTERN_MESSAGE] as string | undefined;
  return {
    ...(listType && { listType }),
    ...(listMapKeys && { listMapKeys }),
    ...(patternMessage && { patternMessage }),
  };
}

import type { CelRule } from '../../api/field.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';

/** A schema as `openAPIV3Schema` spells it. */
export type CrdSchema = Readonly<Record<string, unknown>>;

const COPIED = [
  'description',
  'type',
  'format',
  'default',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'required',
] as const;

/**
 * The schema as a CRD carries it. A pattern becomes a CEL rule, because the API server answers a pattern with the
 * expression itself, and a rule with a sentence.
 */
export function crdSchema(schema: StructuralSchema): CrdSchema {
  const rules = [...patternRules(schema), ...schema.rules];
  return {
    ...Object.fromEntries(COPIED.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]])),
    ...(schema.properties && { properties: mapValues(schema.properties, crdSchema) }),
    ...(schema.additionalProperties && { additionalProperties: crdSchema(schema.additionalProperties) }),
    ...(schema.items && {
      items: crdSchema(schema.items),
      'x-kubernetes-list-type': schema.listType ?? 'atomic',
    }),
    ...(schema.listMapKeys && { 'x-kubernetes-list-map-keys': schema.listMapKeys }),
    ...(rules.length > 0 && { 'x-kubernetes-validations': rules }),
  };
}

function patternRules({ pattern, patternMessage }: StructuralSchema): CelRule[] {
  if (pattern === undefined) return [];
  if (patternMessage === undefined || pattern.includes("'")) {
    throw new Error(`pattern ${pattern} needs words, and no apostrophe: make it with matching()`);
  }
  return [{ rule: `self.matches(r'${pattern}')`, message: patternMessage }];
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  convert: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, convert(value)]));
}

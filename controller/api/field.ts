import { z } from 'zod';

/**
 * Building blocks of the schemas. Every string and list is bounded: CEL's cost estimate multiplies the bounds,
 * and an unbounded field makes a rule too expensive for the API server.
 */

/** A CEL rule as `x-kubernetes-validations` spells it; evaluated by the API server and, offline, by the manifest linter. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly reason?:
    'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** Relative to the value that carries the rule, e.g. `.quota.recipientsPerDay`. */
  readonly fieldPath?: string;
}

/** Attaches CEL rules to a schema. */
export function withRules<T extends z.ZodType>(schema: T, ...rules: readonly CelRule[]): T {
  return schema.meta({ ...schema.meta(), 'x-kubernetes-validations': rules });
}

/** A list whose items are merged by their `key` field instead of being replaced as a whole. */
export function listMap<T extends z.ZodType>(item: T, key: string, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });
}

/** A list of unique scalars. */
export function listSet<T extends z.ZodType>(item: T, maxItems: number) {
  return z.array(item).max(maxItems).meta({ 'x-kubernetes-list-type': 'set' });
}

/** A whole number with both bounds, as the API conventions ask for. */
export function count(min: number, max: number) {
  return z.int().min(min).max(max);
}

/** Free text of at most `max` characters. */
export function text(max: number) {
  return z.string().max(max);
}

/** Name of another object in the same namespace (RFC 1123 subdomain). */
export const objectName = z
  .string()
  .min(1)
  .max(253)
  .regex(
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/,
    'must be a lower-case object name: letters, digits, "-" and "."',
  );

/** Key inside a Secret or ConfigMap. */
export const dataKey = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[-._a-zA-Z0-9]+$/, 'must be a Secret or ConfigMap key: letters, digits, "-", "_" and "."');

/** An address as an account is named: no spaces, quotes or brackets; 254 characters (RFC 5321 §4.5.3.1.3). */
export const accountAddress = z
  .string()
  .min(3)
  .max(254)
  .regex(
    /^[^\s@"<>(),;:\\]+@[^\s@"<>(),;:\\.]+(\.[^\s@"<>(),;:\\.]+)+$/,
    'must be an e-mail address such as anna@example.com',
  );

/** DNS host name or IP literal. */
export const hostName = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9]([-A-Za-z0-9.:]*[A-Za-z0-9])?$/, 'must be a host name or an IP address');

/** RFC 3339 time, e.g. 2026-11-24T09:00:00Z. */
export const rfc3339Time = z
  .string()
  .max(40)
  .regex(
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$/,
    'must be an RFC 3339 time such as 2026-11-24T09:00:00Z',
  );

/** Reference to an object of the same namespace by name. */
export function objectRef(what: string) {
  return z.strictObject({ name: objectName.describe(`Name of the ${what} in the same namespace.`) });
}

/** Reference to one key of a Secret or ConfigMap of the same namespace. */
export function keyRef(what: 'Secret' | 'ConfigMap', defaultKey: string) {
  return z.strictObject({
    name: objectName.describe(`Name of the ${what} in the same namespace.`),
    key: dataKey.default(defaultKey).describe(`Key inside the ${what}.`),
  });
}

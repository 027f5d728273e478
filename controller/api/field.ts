import { z } from 'zod';
import { isDate, isDateTime } from './date-time.ts';

/**
 * Building blocks of the schemas. Every string and list is bounded: CEL's cost estimate multiplies the bounds,
 * and an unbounded field makes a rule too expensive for the API server. What zod checks here is what the generated
 * CRD checks: characters are Unicode code points, patterns mean the same in RE2 and JavaScript (no `\s`, `\w`, `.`).
 */

/** A CEL rule as `x-kubernetes-validations` spells it; evaluated by the API server and, offline, by the manifest loader. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly reason?:
    'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
  /** Relative to the value that carries the rule, e.g. `.quota.recipientsPerDay`. */
  readonly fieldPath?: string;
}

/** Meta key of the sentence that explains a pattern; the generator turns both into a CEL rule. */
export const PATTERN_MESSAGE = 'x-mailers-pattern-message';

/** Meta key of an enum whose CRD form stays open, so that a status of a newer version fits into an older CRD. */
export const OPEN_ENUM = 'x-mailers-open-enum';

/** Attaches CEL rules to a schema. */
export function withRules<T extends z.ZodType>(schema: T, ...rules: readonly CelRule[]): T {
  return schema.meta({ ...schema.meta(), 'x-kubernetes-validations': rules });
}

/** A list whose items are merged by their `key` field instead of being replaced as a whole; the key is unique. */
export function listMap<T extends z.ZodType<object>>(item: T, key: string, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .check(uniqueBy((value) => (value as Readonly<Record<string, unknown>>)[key]))
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });
}

/** A list of unique scalars. */
export function listSet<T extends z.ZodType>(item: T, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .check(uniqueBy((value) => value))
    .meta({ 'x-kubernetes-list-type': 'set' });
}

/** A whole number with both bounds, as the API conventions ask for. */
export function count(min: number, max: number) {
  return z.int().min(min).max(max);
}

/** Free text of `min` to `max` characters. */
export function text(max: number, min = 0) {
  return z
    .string()
    .check((context) => {
      const length = characterCount(context.value);
      const issue = { origin: 'string', inclusive: true, input: context.value, continue: true } as const;
      if (length > max) context.issues.push({ ...issue, code: 'too_big', maximum: max });
      if (length < min) context.issues.push({ ...issue, code: 'too_small', minimum: min });
    })
    .meta({ ...(min > 0 && { minLength: min }), maxLength: max });
}

/** Characters as the API server counts them: code points, not UTF-16 units. */
export function characterCount(value: string): number {
  let surrogatePairs = 0;
  for (let i = 0; i < value.length; i++) if ((value.codePointAt(i) ?? 0) > 0xffff) surrogatePairs++;
  return value.length - surrogatePairs;
}

/** Text that matches a pattern; the message begins with "must be" and says what would. */
export function matching(schema: z.ZodString, pattern: RegExp, message: string) {
  return schema.regex(pattern, message).meta({ ...schema.meta(), [PATTERN_MESSAGE]: message });
}

/** A mapping with free keys of at most `maxProperties` entries; rules speak of the whole, keys included. */
export function mapping<T extends z.ZodType>(value: T, maxProperties: number, ...rules: readonly CelRule[]) {
  const schema = z.record(z.string(), value).check((context) => {
    const size = Object.keys(context.value).length;
    const issue = { origin: 'map', inclusive: true, input: context.value } as const;
    if (size > maxProperties) context.issues.push({ ...issue, code: 'too_big', maximum: maxProperties });
  });
  return withRules(schema.meta({ maxProperties }), ...rules);
}

/** A name of at most `max` characters in the form of an object's name (RFC 1123 subdomain). */
export function nameOfAtMost(max: number) {
  return matching(
    text(max, 1),
    // Short on purpose: CEL's cost estimate grows with the expression, and a pool lists 10,000 names.
    /^[a-z\d]+((\.|-+)[a-z\d]+)*$/,
    'must be an object name such as growth-1: lower-case letters, digits, "-" and "."',
  );
}

/** Name of another object in the same namespace. */
export const objectName = nameOfAtMost(253);

/** Key inside a Secret or ConfigMap. */
export const dataKey = matching(
  text(253, 1),
  /^[-._a-zA-Z0-9]+$/,
  'must be a Secret or ConfigMap key: letters, digits, "-", "_" and "."',
);

/** An optional DNS prefix and a name of at most 63 characters. */
const LABEL_KEY = {
  pattern:
    /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/,
  message: 'a label key such as team or example.com/team',
};

/** Key of a label. */
export const labelKey = matching(text(317, 1), LABEL_KEY.pattern, `must be ${LABEL_KEY.message}`);

/** Value of a label. */
export const labelValue = matching(
  text(63),
  /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/,
  'must be a label value such as growth: letters, digits, "-", "_" and "."',
);

/** Labels: keys with an optional DNS prefix. */
export function labels(maxLabels: number) {
  return mapping(labelValue, maxLabels, {
    rule: `self.all(key, key.size() <= 317 && key.matches(r'${LABEL_KEY.pattern.source}'))`,
    message: `must have only keys that are ${LABEL_KEY.message}`,
  });
}

/** An address as an account is named: no spaces, quotes or brackets; 254 characters (RFC 5321 §4.5.3.1.3). */
export const accountAddress = matching(
  text(254, 3),
  // oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
  /^[^\x00-\x20\x7f@"<>(),;:\\]+@[^\x00-\x20\x7f@"<>(),;:\\.]+(\.[^\x00-\x20\x7f@"<>(),;:\\.]+)+$/,
  'must be an e-mail address such as anna@example.com',
);

/** Address of a web page over TLS. */
export const httpsUrl = matching(
  text(200),
  // oxlint-disable-next-line no-control-regex -- control characters are what it keeps out
  /^https:\/\/[^\x00-\x20\x7f<>"?#]+$/,
  'must be an https URL without "?" and "#", such as https://mail.example.com/unsubscribe',
);

/** DNS host name or IP literal. */
export const hostName = matching(
  text(253, 1),
  /^[A-Za-z0-9]([-A-Za-z0-9.:]*[A-Za-z0-9])?$/,
  'must be a host name or an IP address',
);

/** RFC 3339 time, e.g. 2026-11-24T09:00:00Z; format `date-time`, which CEL reads as a timestamp. */
export const rfc3339Time = z
  .string()
  .max(40)
  .refine(isDateTime, 'must be an RFC 3339 time such as 2026-11-24T09:00:00Z')
  .meta({ format: 'date-time' });

/** Calendar day, e.g. 2026-11-24; format `date`. */
export const calendarDate = z
  .string()
  .max(10)
  .refine(isDate, 'must be a date such as 2026-11-24')
  .meta({ format: 'date' });

/** Reference to an object of the same namespace by name. */
export function objectRef(what: string) {
  return z.strictObject({ name: objectName.describe(`Name of the ${what} in the same namespace.`) });
}

/**
 * The same as an item of a list. Its key has no default in the schema, and nor has anything else inside a list: the API server would write the default
 * into the item, and whoever compares lists as a whole (Argo CD, kubectl) would see another list than the one in Git. Compiling fills it in.
 */
export function listedKeyRef(what: 'Secret' | 'ConfigMap', defaultKey: string) {
  return keyRef(what, defaultKey).extend({
    key: dataKey.optional().describe(`Key inside the ${what}. Default ${defaultKey}.`),
  });
}

/** Reference to one key of a Secret or ConfigMap of the same namespace. */
export function keyRef(what: 'Secret' | 'ConfigMap', defaultKey: string) {
  return z.strictObject({
    name: objectName.describe(`Name of the ${what} in the same namespace.`),
    key: dataKey.default(defaultKey).describe(`Key inside the ${what}. Default ${defaultKey}.`),
  });
}

function uniqueBy(keyOf: (value: unknown) => unknown) {
  return (context: z.core.ParsePayload<unknown[]>): void => {
    const seen = new Set<unknown>();
    for (const [index, value] of context.value.entries()) {
      const key = keyOf(value);
      if (seen.has(key)) {
        context.issues.push({
          code: 'custom',
          message: `must be unique in its list, ${JSON.stringify(key)} is there twice`,
          path: [index],
          input: value,
          continue: true,
        });
      }
      seen.add(key);
    }
  };
}

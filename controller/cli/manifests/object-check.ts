import { KINDS } from '../../api/kinds.ts';
import { API_GROUP, API_GROUP_VERSION } from '../../api/resource-kind.ts';
import type { AnyResource } from '../../api/resource.ts';
import { decodeConfigMap, decodeSecret, type DataEntries, type DecodedData } from './data-object.ts';
import { issueText } from './issue-text.ts';
import type { FieldIssue } from './manifest-error.ts';
import type { ConfigMapObject, ObjectSchema, SecretObject } from './object-schema.ts';
import { suggestion } from './suggestion.ts';

/** Finds the schema of a kind; undefined for kinds that are not ours. */
export type SchemaSource = (apiVersion: string, kind: string) => ObjectSchema | undefined;

/** What an object is, as far as it says so. */
export interface ObjectName {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** An object that has been looked at: accepted, refused with issues, or left aside. */
export type CheckedObject =
  | { readonly verdict: 'Resource'; readonly object: ObjectName; readonly resource: AnyResource }
  | {
      readonly verdict: 'Secret' | 'ConfigMap';
      readonly object: ObjectName;
      readonly data: DataEntries;
    }
  | { readonly verdict: 'Skipped'; readonly object: ObjectName; readonly notice: string }
  | { readonly verdict: 'Refused'; readonly object: ObjectName; readonly issues: readonly FieldIssue[] };

/** Kinds that are there in every repository and mean nothing to a run without a cluster. */
const QUIET = /^(v1 Namespace|kustomize\.config\.k8s\.io\/\S+ (Kustomization|Component))$/;

/** Checks one object against the rules of its kind and applies the defaults. */
export function checkObject(value: unknown, schemas: SchemaSource): CheckedObject {
  const object = nameOf(value);
  const refused = (...issues: FieldIssue[]) => ({ verdict: 'Refused', object, issues }) as const;
  if (!isMapping(value)) {
    return refused({ path: [], message: 'must be a mapping with apiVersion, kind, metadata and spec' });
  }
  const { apiVersion, kind } = value;
  const missing = (['apiVersion', 'kind'] as const).filter((field) => !isText(value[field]));
  if (!isText(apiVersion) || !isText(kind)) {
    return refused(...missing.map((field) => ({ path: [field], message: 'is required: text' })));
  }
  const schema = schemas(apiVersion, kind);
  if (schema !== undefined) return checkAgainst(schema, value, object);
  if (apiVersion.split('/')[0] === API_GROUP) return refused(foreignKind(apiVersion, kind));
  if (QUIET.test(`${apiVersion} ${kind}`)) return { verdict: 'Skipped', object, notice: '' };
  const notice = `${apiVersion} ${kind} is not one of the kinds that mailers reads; skipped`;
  return { verdict: 'Skipped', object, notice };
}

function checkAgainst(schema: ObjectSchema, value: unknown, object: ObjectName): CheckedObject {
  const pruned = withoutNulls(value);
  const parsed = schema.schema.safeParse(pruned);
  const context = { structure: schema.structure, value: pruned, isSecret: schema.isSecret };
  const issues = [
    ...(parsed.error?.issues.flatMap((issue) => issueText(issue, context)) ?? []),
    ...schema.rules.evaluate(parsed.success ? parsed.data : pruned),
  ];
  if (issues.length > 0 || !parsed.success) return { verdict: 'Refused', object, issues };
  // The schema has just established the shape that the kind says.
  if (object.kind === 'Secret') return dataObject(object, decodeSecret(parsed.data as SecretObject));
  if (object.kind === 'ConfigMap') return dataObject(object, decodeConfigMap(parsed.data as ConfigMapObject));
  const { status: _, ...resource } = parsed.data as AnyResource;
  return { verdict: 'Resource', object, resource };
}

function dataObject(object: ObjectName, { data, issues }: DecodedData): CheckedObject {
  if (issues.length > 0) return { verdict: 'Refused', object, issues };
  return { verdict: object.kind === 'Secret' ? 'Secret' : 'ConfigMap', object, data };
}

function foreignKind(apiVersion: string, kind: string): FieldIssue {
  if (apiVersion !== API_GROUP_VERSION) {
    return { path: ['apiVersion'], message: `must be ${API_GROUP_VERSION}, not ${apiVersion}` };
  }
  const names = Object.keys(KINDS);
  const near = suggestion(kind, names);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return { path: ['kind'], message: `must be one of ${names.join(', ')}, not ${kind}${hint}` };
}

/** Reads the name even of an object that is not valid, so that its errors can be told apart. */
function nameOf(value: unknown): ObjectName {
  const fields = isMapping(value) ? value : {};
  const metadata = isMapping(fields['metadata']) ? fields['metadata'] : {};
  const textOr = (field: unknown, otherwise: string) => (isText(field) ? field : otherwise);
  return {
    kind: textOr(fields['kind'], ''),
    namespace: textOr(metadata['namespace'], 'default'),
    name: textOr(metadata['name'], '?'),
  };
}

/** The API server takes an empty field (`quota:` and nothing after it) for a field that is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== null)
      .map(([name, child]) => [name, withoutNulls(child)]),
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type Json = { [key: string]: unknown };
type KindName = { group: string; version: string; kind: string };
type OpenApi = { components?: { schemas?: Record<string, Json> } };

/** Where kubeconform finds what `writeJsonSchemas` wrote. */
export function schemaLocation(folder: string): string {
  return join(folder, '{{ .ResourceKind }}{{ .KindSuffix }}.json');
}

/**
 * Makes of what an API server says about its kinds, CRDs included, the JSON schemas that kubeconform reads. Fields that a schema does not
 * name are refused, as `kubectl apply --validate=strict` does.
 * @param apis the group versions that are wanted: `api/v1`, `apis/apps/v1` … All of them would take a minute.
 * @param read gives what the API server has below /openapi/v3/ for a group version.
 */
export async function writeJsonSchemas(
  apis: readonly string[],
  folder: string,
  read: (api: string) => Promise<string>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const api of apis) {
    const { components } = JSON.parse(await read(api)) as OpenApi;
    const schemas = Object.entries(components?.schemas ?? {});
    const definitions = Object.fromEntries(
      schemas.map(([name, schema]) => [name, jsonSchema(schema) as Json]),
    );
    for (const [name, schema] of schemas) {
      for (const kind of kindsOf(schema)) await writeSchema(folder, kind, { name, definitions });
    }
  }
}

async function writeSchema(
  folder: string,
  { group, version, kind }: KindName,
  { name, definitions }: { name: string; definitions: Record<string, Json> },
): Promise<void> {
  // kubeconform's suffix: the first part of the group, and the version.
  const suffix = group === '' ? version : `${group.split('.')[0]}-${version}`;
  const schema = { $ref: `#/definitions/${name}`, definitions: reachable(name, definitions) };
  await writeFile(join(folder, `${kind.toLowerCase()}-${suffix}.json`), JSON.stringify(schema));
}

/** Those of the definitions that the named one needs: all of them would be megabytes per kind. */
function reachable(name: string, definitions: Record<string, Json>): Record<string, Json> {
  const found: Record<string, Json> = {};
  const visit = (next: string) => {
    const definition = definitions[next];
    if (definition === undefined || next in found) return;
    found[next] = definition;
    for (const [, child] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g))
      visit(child ?? '');
  };
  visit(name);
  return found;
}

/** The kinds that are stored under the schema; DeleteOptions and the like belong to every group and to none. */
function kindsOf(schema: Json): KindName[] {
  const kinds = (schema['x-kubernetes-group-version-kind'] ?? []) as KindName[];
  return kinds.length === 1 ? kinds : [];
}

/** OpenAPI 3.0 → JSON schema, as far as Kubernetes uses it. */
function jsonSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSchema);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, jsonSchema(child)] as const);
  const schema: Json = Object.fromEntries(entries);
  if (typeof schema['$ref'] === 'string') {
    return { $ref: schema['$ref'].replace('#/components/schemas/', '#/definitions/') };
  }
  const isClosed =
    isObject(schema['properties']) &&
    schema['additionalProperties'] === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true &&
    schema['type'] === 'object';
  return isClosed ? { ...schema, additionalProperties: false } : schema;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

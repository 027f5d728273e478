/** Which Secrets and ConfigMaps an object of ours names: pure, from the shape of the API, where each reference's field says what it is. */
import type { KubeObject } from './kube/resource.ts';

/** Fields that name a Secret; `configMapRef` and `configMapRefs` name ConfigMaps. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(['secretRef', 'caSecretRef', 'signingKeySecretRef']);
const CONFIG_MAP_FIELDS: ReadonlySet<string> = new Set(['configMapRef', 'configMapRefs']);

/** Keys (`namespace/name`) of the Secrets that the object names. */
export function secretsOf(object: KubeObject): string[] {
  return referencesOf(object, SECRET_FIELDS);
}

/** Keys (`namespace/name`) of the ConfigMaps that the object names. */
export function configMapsOf(object: KubeObject): string[] {
  return referencesOf(object, CONFIG_MAP_FIELDS);
}

function referencesOf(object: KubeObject & { spec?: unknown }, fields: ReadonlySet<string>): string[] {
  const names = new Set<string>();
  collect(object.spec, fields, names);
  return [...names].map((name) => `${object.metadata.namespace}/${name}`);
}

function collect(value: unknown, fields: ReadonlySet<string>, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const parts = value as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(value)) {
    const part = parts[field];
    if (!fields.has(field)) collect(part, fields, names);
    else for (const reference of Array.isArray(part) ? part : [part]) addName(reference, names);
  }
}

function addName(reference: unknown, names: Set<string>): void {
  if (typeof reference !== 'object' || reference === null || !('name' in reference)) return;
  if (typeof reference.name === 'string') names.add(reference.name);
}

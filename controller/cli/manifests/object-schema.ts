import { z } from 'zod';
import { labels, mapping, matching, objectName, text } from '../../api/field.ts';
import { KINDS } from '../../api/kinds.ts';
import { API_GROUP_VERSION, type KindName, type ResourceKind } from '../../api/resource-kind.ts';
import { structuralSchema, type StructuralSchema } from '../../api/structural-schema.ts';
import { compileRules, type RuleSet } from './cel-rules.ts';

/** Everything that is needed to check the objects of one kind. */
export interface ObjectSchema {
  readonly schema: z.ZodType;
  /** For words about what is allowed, and for the rules. */
  readonly structure: StructuralSchema;
  readonly rules: RuleSet;
  /** Values must not be repeated in messages. */
  readonly isSecret: boolean;
}

const namespaceName = matching(
  text(63, 1),
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  'must be a namespace name: lower-case letters, digits and "-", with a letter or digit at both ends',
);

const MOST_ENTRIES = 10_000;

/** What people write in metadata. */
const metadata = {
  name: objectName,
  namespace: namespaceName.default('default'),
  labels: labels(MOST_ENTRIES).optional(),
  annotations: mapping(text(262_144), MOST_ENTRIES).optional(),
};

/** What the API server adds; there in manifests that came from `kubectl get -o yaml`, and without effect. */
const serverMetadata = Object.fromEntries(
  [
    'generateName',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'ownerReferences',
    'finalizers',
    'managedFields',
    'selfLink',
  ].map((name) => [name, z.unknown().optional()]),
);

const metadataSchema = z.strictObject({ ...metadata, ...serverMetadata });

const apiVersionAndKind = { apiVersion: z.string(), kind: z.string() };

/** A cluster keeps at most 1 MiB in one object; a run without one takes what is there. */
const entries = mapping(z.string(), MOST_ENTRIES, {
  rule: "self.all(key, key.matches(r'^[-._a-zA-Z0-9]{1,253}$'))",
  message: 'must have only keys of letters, digits, "-", "_" and "."',
});

const secretSchema = z.strictObject({
  ...apiVersionAndKind,
  metadata: metadataSchema,
  type: z.string().optional(),
  immutable: z.boolean().optional(),
  data: entries.optional(),
  stringData: entries.optional(),
});

const configMapSchema = z.strictObject({
  ...apiVersionAndKind,
  metadata: metadataSchema,
  immutable: z.boolean().optional(),
  data: entries.optional(),
  binaryData: entries.optional(),
});

export type SecretObject = z.infer<typeof secretSchema>;
export type ConfigMapObject = z.infer<typeof configMapSchema>;

const MAPPING: StructuralSchema = { type: 'object', rules: [] };
const TEXT: StructuralSchema = { type: 'string', rules: [] };
const TEXTS = { ...structuralSchema(entries), additionalProperties: TEXT };

/** Schemas by `apiVersion Kind`, made when first asked for: making all takes about 50 ms. */
export function createObjectSchemas(): (apiVersion: string, kind: string) => ObjectSchema | undefined {
  const made = new Map<string, ObjectSchema | undefined>();
  return (apiVersion, kind) => {
    const key = `${apiVersion} ${kind}`;
    if (!made.has(key)) made.set(key, makeSchema(apiVersion, kind));
    return made.get(key);
  };
}

function makeSchema(apiVersion: string, kind: string): ObjectSchema | undefined {
  if (apiVersion === API_GROUP_VERSION && kind in KINDS) return resourceSchema(KINDS[kind as KindName]);
  if (apiVersion !== 'v1') return undefined;
  const top = { apiVersion: TEXT, kind: TEXT, metadata: structuralSchema(z.strictObject(metadata)) };
  if (kind === 'Secret') {
    const fields = { ...top, type: TEXT, data: TEXTS, stringData: TEXTS };
    return objectSchema(secretSchema, { ...MAPPING, properties: fields }, true);
  }
  if (kind === 'ConfigMap') {
    const fields = { ...top, data: TEXTS, binaryData: TEXTS };
    return objectSchema(configMapSchema, { ...MAPPING, properties: fields }, false);
  }
  return undefined;
}

function resourceSchema(kind: ResourceKind): ObjectSchema {
  const schema = z.strictObject({
    ...apiVersionAndKind,
    metadata: metadataSchema,
    spec: kind.spec,
    status: z.unknown().optional(),
  });
  const properties = {
    apiVersion: TEXT,
    kind: TEXT,
    metadata: structuralSchema(z.strictObject(metadata)),
    spec: structuralSchema(kind.spec),
  };
  return objectSchema(schema, { ...MAPPING, properties }, false);
}

function objectSchema(schema: z.ZodType, structure: StructuralSchema, isSecret: boolean): ObjectSchema {
  return { schema, structure, rules: compileRules(structure), isSecret };
}

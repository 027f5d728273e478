import type { AnyResource, ConfigMap, ResourceSet, SecretFacts } from '../../api/resource.ts';
import type { DataEntries } from './data-object.ts';
import type { CheckedObject, ObjectName } from './object-check.ts';

/** The accepted objects of a load, sorted into what is compiled and what only the credentials and audiences need. */
export interface Collection {
  readonly resources: ResourceSet;
  /** Data of the Secrets by `namespace/name`; `resources` knows only the names of their keys. */
  readonly secrets: ReadonlyMap<string, DataEntries>;
  /** Data of the ConfigMaps by `namespace/name`, bytes as they are. */
  readonly configMaps: ReadonlyMap<string, DataEntries>;
}

/** Key of an object among all objects: `Kind/namespace/name`. */
export function objectKey({ kind, namespace, name }: ObjectName): string {
  return `${kind}/${namespace}/${name}`;
}

/** Sorts accepted objects by what they are. */
export function collect(objects: readonly CheckedObject[]): Collection {
  const resources = objects.flatMap((object) => (object.verdict === 'Resource' ? [object.resource] : []));
  const secrets = dataOf(objects, 'Secret');
  const configMaps = dataOf(objects, 'ConfigMap');
  return {
    resources: {
      mailboxes: ofKind(resources, 'Mailbox'),
      emailServiceProviders: ofKind(resources, 'EmailServiceProvider'),
      sendingPools: ofKind(resources, 'SendingPool'),
      suppressionLists: ofKind(resources, 'SuppressionList'),
      templates: ofKind(resources, 'Template'),
      campaigns: ofKind(resources, 'Campaign'),
      secrets: secrets.map(secretFacts),
      configMaps: configMaps.map(configMapText),
    },
    secrets: byName(secrets),
    configMaps: byName(configMaps),
  };
}

interface NamedData {
  readonly object: ObjectName;
  readonly data: DataEntries;
}

function dataOf(objects: readonly CheckedObject[], verdict: 'Secret' | 'ConfigMap'): NamedData[] {
  return objects.filter(
    (object): object is Extract<CheckedObject, { verdict: 'Secret' | 'ConfigMap' }> =>
      object.verdict === verdict,
  );
}

function ofKind<Kind extends AnyResource['kind']>(
  resources: readonly AnyResource[],
  kind: Kind,
): Extract<AnyResource, { kind: Kind }>[] {
  return resources.filter(
    (resource): resource is Extract<AnyResource, { kind: Kind }> => resource.kind === kind,
  );
}

function secretFacts({ object, data }: NamedData): SecretFacts {
  return { namespace: object.namespace, name: object.name, keys: Object.keys(data) };
}

function configMapText({ object, data }: NamedData): ConfigMap {
  const decoder = new TextDecoder();
  const text = Object.entries(data).map(([key, bytes]) => [key, decoder.decode(bytes)]);
  return { namespace: object.namespace, name: object.name, data: Object.fromEntries(text) };
}

function byName(objects: readonly NamedData[]): Map<string, DataEntries> {
  return new Map(objects.map(({ object, data }) => [`${object.namespace}/${object.name}`, data]));
}

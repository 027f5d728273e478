import type {
  ConfigMap,
  EmailServiceProvider,
  Mailbox,
  ObjectMeta,
  ResourceSet,
  SecretFacts,
  SendingPool,
  SuppressionList,
  Template,
  Campaign,
} from '../../api/resource.ts';

/** Objects of one kind by namespace and name. */
interface Shelf<T> {
  get(namespace: string, name: string): T | undefined;
  /** Sorted by namespace, then name. */
  readonly all: readonly T[];
}

/** The resources that are not being deleted, ready to be looked up. */
export interface ResourceIndex {
  readonly mailboxes: Shelf<Mailbox>;
  readonly emailServiceProviders: Shelf<EmailServiceProvider>;
  readonly sendingPools: Shelf<SendingPool>;
  readonly suppressionLists: Shelf<SuppressionList>;
  readonly templates: Shelf<Template>;
  readonly campaigns: Shelf<Campaign>;
  readonly secrets: Shelf<SecretFacts>;
  readonly configMaps: Shelf<ConfigMap>;
}

type Identity = Pick<ObjectMeta, 'namespace' | 'name'>;

/** Order by code unit: the same on every machine, whatever its locale. */
function byName(a: Identity, b: Identity): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}

function shelf<T>(items: readonly T[], identity: (item: T) => Identity): Shelf<T> {
  const all = [...items].sort((a, b) => byName(identity(a), identity(b)));
  const byKey = new Map(all.map((item) => [`${identity(item).namespace}/${identity(item).name}`, item]));
  return { all, get: (namespace, name) => byKey.get(`${namespace}/${name}`) };
}

function living<T extends { readonly metadata: ObjectMeta }>(items: readonly T[]): Shelf<T> {
  const alive = items.filter((item) => item.metadata.deletionTimestamp === undefined);
  return shelf(alive, (item) => item.metadata);
}

/** Puts the resources in order; objects that are being deleted are left out. */
export function indexResources(resources: ResourceSet): ResourceIndex {
  return {
    mailboxes: living(resources.mailboxes),
    emailServiceProviders: living(resources.emailServiceProviders),
    sendingPools: living(resources.sendingPools),
    suppressionLists: living(resources.suppressionLists),
    templates: living(resources.templates),
    campaigns: living(resources.campaigns),
    secrets: shelf(resources.secrets, (secret) => secret),
    configMaps: shelf(resources.configMaps, (configMap) => configMap),
  };
}

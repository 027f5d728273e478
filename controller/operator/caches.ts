/**
 * Live copies of all that the operator looks at, in one namespace or in all. Secrets and ConfigMaps as metadata only; of what the operator
 * makes itself, what carries its label.
 */
import type {
  Campaign,
  EmailServiceProvider,
  Mailbox,
  SendingPool,
  SuppressionList,
  Template,
} from '../api/resource.ts';
import type { KindName } from '../api/resource-kind.ts';
import type { Random } from '../domain/ports/clock.ts';
import type { TimerClock } from './kube/clock.ts';
import type { Log } from './kube/log.ts';
import { ResourceCache, type AnyCache, type ResourceCacheOptions } from './kube/resource-cache.ts';
import { ResourceClient } from './kube/resource-client.ts';
import type { KubeObject, ResourceType } from './kube/resource.ts';
import type { Indexers } from './kube/store.ts';
import type { Transport } from './kube/transport.ts';
import { FIELD_MANAGER, MADE_BY_US, POOL_LABEL } from './objects/object-labels.ts';
import type { LiveDeployment, LiveJob } from './objects/live-objects.ts';
import { configMapsOf, secretsOf } from './references.ts';
import {
  CONFIG_MAP,
  DEPLOYMENT,
  JOB,
  NETWORK_POLICY,
  ownType,
  POD_DISRUPTION_BUDGET,
  SECRET,
  SERVICE_ACCOUNT,
} from './resource-types.ts';

/** A cache with the client that fills it, which also writes. */
export interface Collection<T extends KubeObject> {
  readonly cache: ResourceCache<T>;
  readonly client: ResourceClient<T>;
}

/** The six kinds by name. */
interface OwnCollections {
  readonly Mailbox: Collection<Mailbox>;
  readonly EmailServiceProvider: Collection<EmailServiceProvider>;
  readonly SendingPool: Collection<SendingPool>;
  readonly SuppressionList: Collection<SuppressionList>;
  readonly Template: Collection<Template>;
  readonly Campaign: Collection<Campaign>;
}

export interface OperatorCaches {
  readonly own: OwnCollections;
  /** Undefined when the operator may not watch Secrets: then each is taken to be there, and the senders say if not. */
  readonly secrets: Collection<KubeObject> | undefined;
  readonly configMaps: Collection<KubeObject>;
  readonly deployments: Collection<LiveDeployment>;
  readonly serviceAccounts: Collection<KubeObject>;
  readonly disruptionBudgets: Collection<KubeObject>;
  readonly networkPolicies: Collection<KubeObject>;
  readonly jobs: Collection<LiveJob>;
  /** All of them, to start, wait for and stop. */
  readonly all: readonly AnyCache[];
}

export interface CacheParts {
  readonly transport: Transport;
  /** One namespace; all when undefined. */
  readonly namespace: string | undefined;
  readonly isWatchingSecrets: boolean;
  readonly clock: TimerClock;
  readonly random: Random;
  readonly log: Log;
}

/** Index of what refers to a Secret or ConfigMap, by its key. */
export const BY_SECRET = 'secret';
export const BY_CONFIG_MAP = 'configMap';
/** Index of owned objects by their pool's key. */
export const BY_POOL = 'pool';
/** Index of Jobs by their campaign's key. */
export const BY_CAMPAIGN = 'campaign';

/** Index of our kinds, and of what is made for pools, by namespace. */
export const BY_NAMESPACE = 'namespace';

function namespaceOf({ metadata }: KubeObject): string[] {
  return [metadata.namespace ?? ''];
}

const INDEXERS: Indexers<KubeObject> = {
  [BY_NAMESPACE]: namespaceOf,
  [BY_SECRET]: secretsOf,
  [BY_CONFIG_MAP]: configMapsOf,
};

/** Keys of the controlling owners of a kind, in the namespace of what they own. */
function ownersOf(kind: KindName): (object: KubeObject) => string[] {
  return ({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter((owner) => owner.kind === kind && owner.controller === true)
      .map(({ name }) => `${metadata.namespace}/${name}`);
}

export function operatorCaches(parts: CacheParts): OperatorCaches {
  const { transport, namespace, clock, random, log, isWatchingSecrets } = parts;
  const all: AnyCache[] = [];
  const collect = <T extends KubeObject>(
    type: ResourceType,
    options: Pick<ResourceCacheOptions<T>, 'indexers' | 'keepManagedFieldsOf'> & {
      labelSelector?: string;
      metadataOnly?: boolean;
    } = {},
  ): Collection<T> => {
    const { labelSelector, metadataOnly = false, ...cacheOptions } = options;
    const client = new ResourceClient<T>(transport, type, { metadataOnly });
    const scope = { namespace, labelSelector };
    const cache = new ResourceCache<T>({ client, scope, clock, random, log, ...cacheOptions });
    all.push(cache);
    return { cache, client };
  };
  const own = <T extends KubeObject>(kind: KindName): Collection<T> =>
    collect<T>(ownType(kind), { indexers: INDEXERS });
  const made = <T extends KubeObject>(type: ResourceType): Collection<T> =>
    collect<T>(type, {
      labelSelector: `${MADE_BY_US},${POOL_LABEL}`,
      keepManagedFieldsOf: FIELD_MANAGER,
      indexers: { [BY_POOL]: ownersOf('SendingPool'), [BY_NAMESPACE]: namespaceOf },
    });
  return {
    own: {
      Mailbox: own('Mailbox'),
      EmailServiceProvider: own('EmailServiceProvider'),
      SendingPool: own('SendingPool'),
      SuppressionList: own('SuppressionList'),
      Template: own('Template'),
      Campaign: own('Campaign'),
    },
    secrets: isWatchingSecrets ? collect(SECRET, { metadataOnly: true }) : undefined,
    configMaps: collect(CONFIG_MAP, { metadataOnly: true }),
    deployments: made(DEPLOYMENT),
    serviceAccounts: made(SERVICE_ACCOUNT),
    disruptionBudgets: made(POD_DISRUPTION_BUDGET),
    networkPolicies: made(NETWORK_POLICY),
    jobs: collect<LiveJob>(JOB, {
      labelSelector: MADE_BY_US,
      keepManagedFieldsOf: FIELD_MANAGER,
      indexers: { [BY_CAMPAIGN]: ownersOf('Campaign') },
    }),
    all,
  };
}

import type { Random } from '../../../domain/ports/clock.ts';
import { BY_CONFIG_MAP, BY_SECRET, type OperatorCaches } from '../../caches.ts';
import { isIntentChanged } from '../../kube/change-filter.ts';
import type { TimerClock } from '../../kube/clock.ts';
import { Controller, type ControllerObserver } from '../../kube/controller.ts';
import type { Log } from '../../kube/log.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import type { ResourceCache } from '../../kube/resource-cache.ts';
import { keyOf, type KubeObject } from '../../kube/resource.ts';

/** Changes that come together are compiled together. */
const SHORTEST_WAIT_MS = 100;
/** Compiling takes at most a fourth of the time, however large the namespace is. */
const WAIT_PER_COMPILE = 3;
const LONGEST_WAIT_MS = 2_000;

/** Wakes the compilation of a namespace when anything in it changes that a plan follows from. */
export class NamespaceQueue {
  readonly controller: Controller;
  #compileMs = 0;

  constructor(parts: {
    caches: OperatorCaches;
    reconcile: Reconcile;
    clock: TimerClock;
    random: Random;
    log: Log;
    observer: ControllerObserver;
  }) {
    const { caches, ...rest } = parts;
    this.controller = new Controller({
      ...rest,
      name: 'namespace',
      primary: namespacesOf(caches),
      workers: 2,
      backoff: { baseMs: 200, maxMs: 30_000 },
    });
    for (const { cache } of Object.values(caches.own)) this.#follow(cache);
    this.#followNamed(caches);
  }

  /** Told how long a compilation took, ms. */
  onCompiled(durationMs: number): void {
    this.#compileMs = durationMs;
  }

  /** Compile the namespace soon. */
  wake(namespace: string): void {
    const waitMs = Math.max(SHORTEST_WAIT_MS, this.#compileMs * WAIT_PER_COMPILE);
    this.controller.enqueue(namespace, Math.min(waitMs, LONGEST_WAIT_MS));
  }

  #follow<T extends KubeObject>(cache: Pick<ResourceCache<T>, 'subscribe'>): void {
    cache.subscribe({
      isRelevant: isIntentChanged,
      keysOf: ({ metadata }) => [metadata.namespace ?? ''],
      handler: ({ key }) => this.wake(key),
    });
  }

  /** Of what we do not own, only what our objects name; of a Secret only whether it is there. */
  #followNamed(caches: OperatorCaches): void {
    const own = Object.values(caches.own).map(({ cache }) => cache as ResourceCache<KubeObject>);
    const isNamed = (index: string, { metadata }: KubeObject): boolean =>
      own.some((cache) => cache.keysByIndex(index, keyOf(metadata)).length > 0);
    const namespaceIfNamed =
      (index: string) =>
      (object: KubeObject): string[] =>
        isNamed(index, object) ? [object.metadata.namespace ?? ''] : [];
    caches.secrets?.cache.subscribe({
      isRelevant: () => false,
      keysOf: namespaceIfNamed(BY_SECRET),
      handler: ({ key }) => this.wake(key),
    });
    caches.configMaps.cache.subscribe({
      keysOf: namespaceIfNamed(BY_CONFIG_MAP),
      handler: ({ key }) => this.wake(key),
    });
  }
}

/** Namespaces stand for what is in them: they are ready when all caches are. */
function namespacesOf(caches: OperatorCaches) {
  const { all, own } = caches;
  return {
    name: 'namespaces',
    get hasSynced(): boolean {
      return all.every((cache) => cache.hasSynced);
    },
    start: () => undefined,
    stop: () => Promise.resolve(),
    whenSynced: async (signal?: AbortSignal) => {
      await Promise.all(all.map((cache) => cache.whenSynced(signal)));
    },
    // Changes come through `wake`, which lets them gather.
    subscribe: () => undefined,
    *keys(): IterableIterator<string> {
      const namespaces = new Set<string>();
      for (const { cache } of Object.values(own))
        for (const key of cache.keys()) namespaces.add(key.slice(0, key.indexOf('/')));
      yield* namespaces;
    },
  };
}

/**
 * A live copy of one kind of object, for reconcilers to read from and be woken by.
 *
 *     const mailboxes = new ResourceCache<Mailbox>({ client, indexers: { secret: secretsOf }, clock, random, log });
 *     mailboxes.subscribe({ handler: ({ key, kind, isInitial }) => … });
 *     mailboxes.start();
 *     await mailboxes.whenSynced(signal);
 *     mailboxes.get('sales/anna');
 *     mailboxes.byIndex('secret', 'sales/anna-password');
 *     await mailboxes.stop();
 *
 * Handlers learn keys, never objects: what to do is decided from the state of the world, not from the event. A
 * subscription for another kind's sake says with `keysOf` which keys an object concerns; both its former and its
 * present state are asked, so a mailbox that moves from one pool to another wakes both.
 */
import type { Random } from '../../domain/ports/clock.ts';
import type { TimerClock } from './clock.ts';
import type { Log } from './log.ts';
import { Reflector, type ReflectorTimings, type Scope } from './reflector.ts';
import type { ResourceClient } from './resource-client.ts';
import { keyOf, resourceNameOf, type KubeObject } from './resource.ts';
import { Store, type Indexers } from './store.ts';

type ChangeKind = 'Added' | 'Updated' | 'Deleted';

export interface Change {
  /** Of the object, or one of what `keysOf` made of it. */
  key: string;
  kind: ChangeKind;
  /** Part of the first filling: nothing happened, we only just got to know. */
  isInitial: boolean;
}

export interface Subscription<T> {
  handler: (change: Change) => void;
  /** The keys the object concerns. Default: its own. */
  keysOf?: ((object: T) => readonly string[]) | undefined;
  /** Whether an update matters; additions and deletions always do. Default: every update does. */
  isRelevant?: ((before: T, after: T) => boolean) | undefined;
}

export interface ResourceCacheOptions<T extends KubeObject> {
  client: ResourceClient<T>;
  scope?: Scope;
  indexers?: Indexers<T>;
  /** Keeps the managedFields of this field manager, which `wouldChange` needs. For owned objects, not for thousands. */
  keepManagedFieldsOf?: string;
  clock: TimerClock;
  random: Random;
  log: Log;
  /** Told of every exception in a handler, indexer or mapping, besides the log. */
  onError?: (error: unknown) => void;
  timings?: Partial<ReflectorTimings>;
}

/** The part of a cache that does not depend on what it holds: to start, wait for and stop many of them. */
export type AnyCache = Pick<
  ResourceCache<KubeObject>,
  'name' | 'hasSynced' | 'start' | 'stop' | 'whenSynced'
>;

export class ResourceCache<T extends KubeObject> {
  readonly name: string;
  readonly #options: ResourceCacheOptions<T>;
  readonly #store: Store<T>;
  readonly #reflector: Reflector<T>;
  readonly #subscriptions: Subscription<T>[] = [];
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;

  constructor(options: ResourceCacheOptions<T>) {
    this.#options = options;
    this.name = resourceNameOf(options.client.type);
    this.#store = new Store(this.#guardedIndexers(options.indexers ?? {}));
    this.#reflector = new Reflector<T>({
      ...options,
      sink: {
        get: (key) => this.#store.get(key),
        replace: (objects) => this.#replace(objects),
        upsert: (key, object) => this.#upsert(key, object, false),
        remove: (key) => this.#remove(key),
      },
    });
  }

  /** Whether the first filling is complete and every handler has heard of it. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#store.size;
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#store.keys();
  }

  values(): IterableIterator<T> {
    return this.#store.values();
  }

  /** All objects with `value` in the index `name`. @throws when there is no such index */
  byIndex(name: string, value: string): T[] {
    return this.keysByIndex(name, value).flatMap((key) => this.#store.get(key) ?? []);
  }

  keysByIndex(name: string, value: string): string[] {
    return this.#store.keysByIndex(name, value);
  }

  /** From now on `handler` hears of every change; of what is there already, at once, as initial additions. */
  subscribe(subscription: Subscription<T>): void {
    this.#subscriptions.push(subscription);
    for (const object of this.#store.values()) this.#tell([subscription], undefined, object, true);
  }

  start(): void {
    this.#reflector.start();
  }

  /** Resolves when no request and no handler call is left or will come. */
  stop(): Promise<void> {
    return this.#reflector.stop();
  }

  /** Resolves when the cache has synced. @throws the signal's reason when it aborts first */
  async whenSynced(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([this.#synced.promise, aborted.promise]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #replace(objects: Map<string, T>): void {
    const isInitial = !this.#hasSynced;
    for (const key of this.#store.keys()) if (!objects.has(key)) this.#remove(key);
    for (const [key, object] of objects) this.#upsert(key, object, isInitial);
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  #upsert(key: string, object: T, isInitial: boolean): void {
    const previous = this.#store.put(key, object);
    if (previous === undefined) return this.#tell(this.#subscriptions, undefined, object, isInitial);
    if (previous.metadata.uid !== object.metadata.uid) {
      // Deleted and made again while we were not looking: not the same object, though it has the same name.
      this.#tell(this.#subscriptions, previous, undefined, isInitial);
      return this.#tell(this.#subscriptions, undefined, object, isInitial);
    }
    if (previous.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#tell(this.#subscriptions, previous, object, isInitial);
  }

  #remove(key: string): void {
    const previous = this.#store.delete(key);
    if (previous !== undefined) this.#tell(this.#subscriptions, previous, undefined, false);
  }

  #tell(
    subscriptions: readonly Subscription<T>[],
    before: T | undefined,
    after: T | undefined,
    isInitial: boolean,
  ): void {
    const kind = after === undefined ? 'Deleted' : before === undefined ? 'Added' : 'Updated';
    for (const subscription of subscriptions) {
      const keys = this.#guard(() => concernedKeys(subscription, before, after), []);
      for (const key of keys) this.#guard(() => subscription.handler({ key, kind, isInitial }), undefined);
    }
  }

  #guardedIndexers(indexers: Indexers<T>): Indexers<T> {
    const guarded = Object.entries(indexers).map(([name, indexer]) => [
      name,
      (object: T): readonly string[] => this.#guard(() => indexer(object), []),
    ]);
    return Object.fromEntries(guarded);
  }

  /** Runs what others gave us: their mistakes are reported and must neither end the watch nor reach other handlers. */
  #guard<R>(action: () => R, otherwise: R): R {
    try {
      return action();
    } catch (error) {
      this.#options.log.error({ resource: this.name, err: error }, 'Failed to handle a change');
      this.#options.onError?.(error);
      return otherwise;
    }
  }
}

/** Both the former and the present state of an object may concern somebody else; its own key is the same in both. */
function concernedKeys<T extends KubeObject>(
  { keysOf, isRelevant }: Subscription<T>,
  before: T | undefined,
  after: T | undefined,
): Iterable<string> {
  if (before !== undefined && after !== undefined && isRelevant?.(before, after) === false) return [];
  const states = [before, after].filter((state) => state !== undefined);
  if (keysOf === undefined) return states.slice(-1).map(({ metadata }) => keyOf(metadata));
  return new Set(states.flatMap((state) => keysOf(state)));
}

import { hasSameParts } from './cached-object.ts';
import type { KubeObject } from './resource.ts';

/**
 * The values under which an object can be found again: the names of the Secrets it refers to, say. Must be pure, and look at nothing but
 * name, namespace, spec and owner references: an object in which these are the very same as before is not asked about again.
 */
export type Indexer<T> = (object: T) => readonly string[];

export type Indexers<T> = Readonly<Record<string, Indexer<T>>>;

/** One key in most cases: a set only where several objects share a value, which at 10,000 objects saves megabytes. */
type Entry = string | Set<string>;

/** Objects by key, and keys by whatever the indexers say. */
export class Store<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexers: [string, Indexer<T>][];
  readonly #indices = new Map<string, Map<string, Entry>>();

  constructor(indexers: Indexers<T> = {}) {
    this.#indexers = Object.entries(indexers);
    for (const [name] of this.#indexers) this.#indices.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  /** The keys of all objects that have `value` in the index `name`. @throws when there is no such index */
  keysByIndex(name: string, value: string): string[] {
    const index = this.#indices.get(name);
    if (index === undefined) throw new Error(`There is no index "${name}": name it when the cache is made.`);
    const entry = index.get(value);
    if (entry === undefined) return [];
    return typeof entry === 'string' ? [entry] : [...entry];
  }

  /** Stores the object and returns the one it takes the place of. */
  put(key: string, object: T): T | undefined {
    const previous = this.#objects.get(key);
    const isSame = previous !== undefined && hasSameParts(previous, object);
    for (const [name, indexer] of isSame ? [] : this.#indexers) {
      const index = this.#indices.get(name);
      if (index !== undefined) reindex(index, key, previous && indexer(previous), indexer(object));
    }
    this.#objects.set(key, object);
    return previous;
  }

  /** Removes and returns the object, if it was there. */
  delete(key: string): T | undefined {
    const previous = this.#objects.get(key);
    if (previous === undefined) return undefined;
    for (const [name, indexer] of this.#indexers) {
      const index = this.#indices.get(name);
      if (index !== undefined) reindex(index, key, indexer(previous), undefined);
    }
    this.#objects.delete(key);
    return previous;
  }
}

function reindex(
  index: Map<string, Entry>,
  key: string,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): void {
  for (const value of before ?? []) if (!after?.includes(value)) removeEntry(index, value, key);
  for (const value of after ?? []) addEntry(index, value, key);
}

function addEntry(index: Map<string, Entry>, value: string, key: string): void {
  const entry = index.get(value);
  if (entry === undefined) index.set(value, key);
  else if (typeof entry !== 'string') entry.add(key);
  else if (entry !== key) index.set(value, new Set([entry, key]));
}

function removeEntry(index: Map<string, Entry>, value: string, key: string): void {
  const entry = index.get(value);
  if (entry === key) index.delete(value);
  else if (typeof entry === 'object' && entry.delete(key) && entry.size === 0) index.delete(value);
}

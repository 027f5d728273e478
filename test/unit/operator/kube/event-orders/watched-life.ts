import * as fc from 'fast-check';
import { expect } from 'vitest';
import { Controller } from '../../../../../controller/operator/kube/controller.ts';
import { ResourceCache } from '../../../../../controller/operator/kube/resource-cache.ts';
import { ResourceClient } from '../../../../../controller/operator/kube/resource-client.ts';
import type { Indexers } from '../../../../../controller/operator/kube/store.ts';
import { WIDGET, type Widget } from '../kube-object.ts';
import { keptLog, ManualClock, settle } from '../manual-clock.ts';
import { PlayedCollection, type Touch } from './played-collection.ts';

/** One step of a history. */
export type Step =
  | { readonly do: 'touch'; readonly name: string; readonly touch: Touch; readonly value: number }
  | { readonly do: 'delete' | 'replace' | 'vanish'; readonly name: string }
  | { readonly do: 'deliver'; readonly count: number }
  | { readonly do: 'forget'; readonly isTold: boolean }
  | { readonly do: 'fail'; readonly count: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'repeat' | 'bookmark' | 'end' | 'cut' };

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const name = fc.constantFrom(...NAMES);
const value = fc.nat(5);
const touch = fc.constantFrom<Touch>('Spec', 'Spec', 'Status', 'Labels', 'Owner', 'Nothing');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('touch' as const), name, touch, value }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('delete' as const, 'replace' as const, 'vanish' as const),
      name,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 4, 9, 60, 2_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), isTold: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('fail' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('repeat', 'bookmark', 'end', 'cut'),
    }),
  },
);

export const aHistory = fc.record({
  isStreaming: fc.boolean(),
  first: fc.subarray(NAMES),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});

const INDEXERS: Indexers<Widget> = {
  secret: ({ spec }) => spec?.secrets ?? [],
  owner: ({ metadata }) => (metadata.ownerReferences ?? []).map((owner) => owner.name),
};

/** A reconcile lasts so long: others fall into it. */
const RECONCILE_MS = 7;
/** Longer than every wait of a reflector, and than that of a key which failed a few times. */
const LONG_MS = 60_000;

/** A collection, and the chain from its watch to the reconciles, through one history. */
export class WatchedLife {
  readonly collection: PlayedCollection;
  readonly #clock = new ManualClock();
  readonly #cache: ResourceCache<Widget>;
  readonly #controller: Controller<Widget>;
  readonly #stopping = new AbortController();
  readonly #running = new Set<string>();
  /** What the last reconcile of a key that succeeded found. */
  readonly #found = new Map<string, string>();
  /** Keys that are there, going by what was told. */
  readonly #told = new Set<string>();
  readonly #faults: string[] = [];
  #failures = 0;

  constructor(isStreaming: boolean) {
    this.collection = new PlayedCollection(this.#clock, isStreaming);
    const common = { clock: this.#clock, random: () => 0.5, log: keptLog() };
    this.#cache = new ResourceCache<Widget>({
      client: new ResourceClient<Widget>(this.collection.transport, WIDGET),
      indexers: INDEXERS,
      onError: (error) => this.#faults.push(`a handler threw ${String(error)}`),
      ...common,
    });
    this.#cache.subscribe({ handler: ({ key, kind }) => this.#hear(key, kind) });
    this.#controller = new Controller<Widget>({
      name: 'widget',
      primary: this.#cache,
      workers: 3,
      reconcile: (key) => this.#reconcile(key),
      ...common,
    });
  }

  async live(first: readonly string[], steps: readonly Step[]): Promise<void> {
    for (const one of first) this.collection.touch(one, 'Spec', 1);
    this.#cache.start();
    const started = this.#controller.start(this.#stopping.signal);
    await settle();
    for (const one of steps) await (this.#acts[one.do] as (step: Step) => unknown)(one);
    await this.#comeToRest();
    await started;
    this.#compare();
    await this.#controller.stop();
    await this.#cache.stop();
  }

  readonly #acts: { readonly [Do in Step['do']]: (step: Extract<Step, { do: Do }>) => unknown } = {
    touch: ({ name: which, touch: how, value: to }) => this.collection.touch(which, how, to),
    delete: ({ name: which }) => this.collection.delete(which),
    // Under the same name, before anybody has heard of the end of the one before.
    replace: ({ name: which }) => {
      this.collection.delete(which);
      this.collection.touch(which, 'Spec', 4);
    },
    // Nobody will ever hear of it: the history is gone, too.
    vanish: ({ name: which }) => {
      this.collection.delete(which);
      this.collection.forget(false);
    },
    forget: ({ isTold }) => this.collection.forget(isTold),
    deliver: ({ count }) => this.collection.watch?.deliver(count),
    repeat: () => this.collection.watch?.repeat(),
    bookmark: () => this.collection.watch?.bookmark(),
    end: () => this.collection.watch?.end(),
    cut: () => this.collection.watch?.cut(),
    fail: ({ count }) => (this.#failures += count),
    pass: ({ ms }) => this.#clock.advance(ms),
  };

  /** No more faults: everything is delivered, and every key that failed comes back. */
  async #comeToRest(): Promise<void> {
    do {
      await this.#clock.advance(LONG_MS);
      this.collection.watch?.deliver(Infinity);
    } while (this.collection.watch === undefined || this.collection.watch.isBehind);
    await this.#clock.advance(LONG_MS);
  }

  #hear(key: string, kind: 'Added' | 'Updated' | 'Deleted'): void {
    const isKnown = this.#told.has(key);
    if (isKnown !== (kind !== 'Added')) this.#faults.push(`${kind} was told of ${key}, known: ${isKnown}`);
    if (kind === 'Deleted') this.#told.delete(key);
    else this.#told.add(key);
    // A key that was told of is to be reconciled, even if it is gone by then.
    if (!this.#found.has(key)) this.#found.set(key, 'never reconciled');
  }

  async #reconcile(key: string): Promise<object> {
    if (this.#running.has(key)) this.#faults.push(`${key} is reconciled twice at a time`);
    this.#running.add(key);
    const found = intentOf(this.#cache.get(key));
    await this.#clock.sleep(RECONCILE_MS);
    this.#running.delete(key);
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw new Error('as the history wants it');
    }
    this.#found.set(key, found);
    return {};
  }

  #compare(): void {
    const { objects } = this.collection;
    expect(this.#faults).toEqual([]);
    expect(shown([...this.#cache.values()])).toEqual(shown([...objects.values()]));
    expect([...this.#told].toSorted()).toEqual([...objects.keys()].toSorted());
    for (const [key, found] of this.#found) expect([key, found]).toEqual([key, intentOf(objects.get(key))]);
    expect([...objects.keys()].filter((key) => !this.#found.has(key))).toEqual([]);
    for (const [index, indexer] of Object.entries(INDEXERS)) {
      for (const wanted of ['secret-0', 'secret-1', 'secret-2', 'owner-0', 'owner-1']) {
        const anew = [...objects]
          .filter(([, object]) => indexer(object).includes(wanted))
          .map(([key]) => key);
        expect(this.#cache.keysByIndex(index, wanted).toSorted(), `${index} ${wanted}`).toEqual(
          anew.toSorted(),
        );
      }
    }
  }
}

/** All that a reconcile is woken for: everything but the status. */
function intentOf(object: Widget | undefined): string {
  if (object === undefined) return 'gone';
  const { uid, generation, labels, ownerReferences } = object.metadata;
  return JSON.stringify([uid, generation, labels, ownerReferences, object.spec]);
}

function shown(objects: readonly Widget[]): Widget[] {
  return objects.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

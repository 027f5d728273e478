/**
 * Keys that need work, each at most once, never the same key twice at a time.
 *
 *     queue.add('sales/anna');                                        // now
 *     queue.add('sales/anna', { priority: LOW_PRIORITY });            // after everything fresh
 *     queue.add('sales/anna', { afterMs: 60_000 });                   // later
 *     queue.addRateLimited('sales/anna');                             // later and later, with every failure
 *     const item = await queue.get();  try { … } finally { queue.done(item.key); }
 *
 * Adding a key that waits already makes it due at the earlier time and with the higher priority; adding one that is
 * being worked on brings it back when that work is done. (The semantics of controller-runtime's priority queue.)
 */
import { equalJitterMs, type BackoffRange } from './backoff.ts';
import type { Random } from '../../domain/ports/clock.ts';
import type { Cancel, TimerClock } from './clock.ts';
import { betterPlace, PriorityLine, type Place } from './priority-line.ts';

/** For the first filling of a cache and for resyncs: whatever has just changed goes first. */
export const LOW_PRIORITY = -100;

/** Delays of keys that keep failing. */
const ITEM_BACKOFF: BackoffRange = { baseMs: 50, maxMs: 300_000 };

export interface AddOptions {
  /** Higher goes first. Default 0. */
  priority?: number;
  /** Not before this many milliseconds from now. Default 0. */
  afterMs?: number;
}

export interface QueueItem {
  key: string;
  priority: number;
}

/** Told of everything a queue does; durations in seconds, as metrics want them. */
export interface QueueObserver {
  onAdd(): void;
  onRetry(): void;
  /** Work begins on a key that had been due for so long. */
  onStart(waitedSeconds: number): void;
  onDone(workedSeconds: number): void;
}

export interface WorkQueueOptions {
  clock: TimerClock;
  random: Random;
  /** Of `addRateLimited`. Default: 50 ms doubling to 5 min. */
  backoff?: BackoffRange;
  observer?: QueueObserver | undefined;
}

/** How things stand. */
export interface QueueSnapshot {
  /** Due keys by priority. */
  depth: Map<number, number>;
  /** For how long each key in progress has been worked on. */
  workingSeconds: number[];
}

export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #line = new PriorityLine();
  /** Keys in progress, and since when. */
  readonly #processing = new Map<string, number>();
  /** Keys in progress that were added meanwhile. */
  readonly #dirty = new Map<string, Place>();
  readonly #failures = new Map<string, number>();
  readonly #getters: ((item: QueueItem | undefined) => void)[] = [];
  readonly #drained = Promise.withResolvers<void>();
  #cancelWakeUp: Cancel | undefined;
  #shutdown: 'no' | 'draining' | 'now' = 'no';

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that are due or will be, without those in progress. */
  get size(): number {
    return this.#line.size;
  }

  add(key: string, { priority = 0, afterMs = 0 }: AddOptions = {}): void {
    if (this.#shutdown !== 'no') return;
    this.#options.observer?.onAdd();
    this.#enqueue({ key, priority, readyAtMs: this.#nowMs() + afterMs });
    this.#serve();
  }

  /** Adds a key that failed, after a delay that doubles with each call until `forget`. */
  addRateLimited(key: string, priority = 0): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#options.observer?.onRetry();
    const range = this.#options.backoff ?? ITEM_BACKOFF;
    this.add(key, { priority, afterMs: equalJitterMs(range, failures, this.#options.random) });
  }

  /** The key succeeded, or is gone: its next failure is its first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often the key has failed in a row. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The next key to work on, as soon as there is one; undefined after a shutdown. Answer it with `done`. */
  get(): Promise<QueueItem | undefined> {
    return new Promise((resolve) => {
      this.#getters.push(resolve);
      this.#serve();
    });
  }

  /** Work on the key has ended; if it was added meanwhile, it is in line again. */
  done(key: string): void {
    const startedMs = this.#processing.get(key);
    if (startedMs === undefined) return;
    this.#processing.delete(key);
    this.#options.observer?.onDone((this.#nowMs() - startedMs) / 1000);
    const again = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (again !== undefined) this.#enqueue(again);
    this.#serve();
  }

  /**
   * Takes no more keys. With `drain`, what is due is still handed out; without, only work in progress is waited for
   * (the next leader starts from the whole world anyway). Resolves when nothing is in progress any more.
   */
  shutdown({ drain }: { drain: boolean }): Promise<void> {
    this.#shutdown = drain && this.#shutdown !== 'now' ? 'draining' : 'now';
    this.#serve();
    return this.#drained.promise;
  }

  snapshot(): QueueSnapshot {
    const nowMs = this.#nowMs();
    return {
      depth: new Map(this.#line.depth(nowMs)),
      workingSeconds: [...this.#processing.values()].map((startedMs) => (nowMs - startedMs) / 1000),
    };
  }

  #enqueue(place: Place): void {
    if (!this.#processing.has(place.key)) return this.#line.join(place, this.#nowMs());
    const present = this.#dirty.get(place.key);
    this.#dirty.set(place.key, present === undefined ? place : betterPlace(present, place));
  }

  /** Hands out what is due to those who wait, and sees to it that we come back when more is due. */
  #serve(): void {
    while (this.#getters.length > 0) {
      const item = this.#shutdown === 'now' ? undefined : this.#start();
      if (item === undefined && this.#shutdown === 'no') break;
      this.#getters.shift()?.(item);
    }
    if (this.#shutdown === 'no') return this.#armWakeUp();
    this.#cancelWakeUp?.();
    const isDue = this.#shutdown === 'draining' && this.#line.depth(this.#nowMs()).size > 0;
    if (this.#processing.size === 0 && !isDue) this.#drained.resolve();
  }

  #start(): QueueItem | undefined {
    const nowMs = this.#nowMs();
    const turn = this.#line.take(nowMs);
    if (turn === undefined) return undefined;
    this.#processing.set(turn.key, nowMs);
    this.#options.observer?.onStart((nowMs - turn.dueSinceMs) / 1000);
    return { key: turn.key, priority: turn.priority };
  }

  #armWakeUp(): void {
    this.#cancelWakeUp?.();
    this.#cancelWakeUp = undefined;
    if (this.#getters.length === 0) return;
    const nowMs = this.#nowMs();
    const nextMs = this.#line.nextDueMs(nowMs);
    if (nextMs !== undefined) {
      this.#cancelWakeUp = this.#options.clock.after(nextMs - nowMs, () => this.#serve());
    }
  }

  #nowMs(): number {
    return this.#options.clock.monotonic();
  }
}

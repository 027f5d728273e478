/**
 * Keeps a sink equal to a collection of the API server: fills it, then follows every change, for ever.
 *
 * Filling is a streaming list (`sendInitialEvents`), or a paginated list where the server knows none. Following is a
 * watch with bookmarks that resumes where it ended; a version the server has forgotten means filling again. A
 * connection that falls silent for longer than the server's bookmark period is dead and replaced. Failures are
 * retried for ever with full jitter; each is reported, none ends the loop. The numbers are client-go's
 * (tools/cache/reflector.go) but for the idle timer, which it leaves to HTTP/2 pings.
 */
import { ApiError, ConnectionError, isExpired, isVersionTooLarge } from './api-error.ts';
import { FailureStreak } from './backoff.ts';
import { cachedObject } from './cached-object.ts';
import type { Random } from '../../domain/ports/clock.ts';
import type { TimerClock } from './clock.ts';
import type { Log } from './log.ts';
import { withQuery, type Query } from './query.ts';
import type { ResourceClient } from './resource-client.ts';
import { collectionPath, keyOf, resourceNameOf, type KubeObject } from './resource.ts';
import { StringPool } from './string-pool.ts';
import { LineSplitter, isInitialEventsEnd, parseWatchEvent, type WatchEvent } from './watch-event.ts';

/** Receives the collection. Must not throw. */
interface ReflectorSink<T> {
  /** What it holds of the object. */
  get(key: string): T | undefined;
  /** The collection is exactly this. */
  replace(objects: Map<string, T>): void;
  upsert(key: string, object: T): void;
  remove(key: string, lastState: T): void;
}

/** What to watch. */
export interface Scope {
  /** One namespace; all when undefined. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface ReflectorTimings {
  /** The server ends a watch after a time between these, so that watches do not all end together. */
  shortestWatchSeconds: number;
  longestWatchSeconds: number;
  /** Bookmarks come every 60 s: half as long again without one means that nobody is there. */
  idleTimeoutMs: number;
  backoffBaseMs: number;
  backoffMaxMs: number;
  /** So long without a failure, and the next one counts as the first. */
  healthyAfterMs: number;
}

const REFLECTOR_TIMINGS: ReflectorTimings = {
  shortestWatchSeconds: 300,
  longestWatchSeconds: 600,
  idleTimeoutMs: 90_000,
  backoffBaseMs: 800,
  backoffMaxMs: 30_000,
  healthyAfterMs: 120_000,
};

export interface ReflectorOptions<T extends KubeObject> {
  client: ResourceClient<T>;
  sink: ReflectorSink<T>;
  scope?: Scope | undefined;
  /** Keeps the managedFields of this manager's applies, for `wouldChange`. */
  keepManagedFieldsOf?: string | undefined;
  clock: TimerClock;
  random: Random;
  log: Log;
  timings?: Partial<ReflectorTimings> | undefined;
}

/** A watch that ends this soon and empty is a failure, or a broken proxy would have us reconnect without pause. */
const SHORTEST_HONEST_WATCH_MS = 1000;

export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #timings: ReflectorTimings;
  readonly #failures: FailureStreak;
  readonly #name: string;
  readonly #strings = new StringPool();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #version: string | undefined;
  #isStreamingList = true;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timings = { ...REFLECTOR_TIMINGS, ...options.timings };
    this.#name = resourceNameOf(options.client.type);
    this.#failures = new FailureStreak({
      range: { baseMs: this.#timings.backoffBaseMs, maxMs: this.#timings.backoffMaxMs },
      resetAfterMs: this.#timings.healthyAfterMs,
      random: options.random,
    });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the request in flight and resolves when nothing is left; the sink hears nothing afterwards. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (!signal.aborted) await this.#options.clock.sleep(this.#recover(error), signal);
      }
    }
  }

  /** One request's worth of progress. */
  #follow(): Promise<void> {
    if (this.#version !== undefined) return this.#watch(this.#version);
    return this.#isStreamingList ? this.#watch(undefined) : this.#list();
  }

  async #list(): Promise<void> {
    const { client, scope, sink } = this.#options;
    const objects = new Map<string, T>();
    const version = await client.listPages(
      { ...scope, signal: this.#stopping.signal },
      (items) => items.forEach((item) => objects.set(keyOf(item.metadata), this.#cached(item))),
      () => objects.clear(),
    );
    sink.replace(objects);
    this.#version = version;
  }

  /** Watches from a version, or, without one, has the server send everything first. */
  async #watch(version: string | undefined): Promise<void> {
    const { client, scope, clock, keepManagedFieldsOf } = this.#options;
    const isLean = keepManagedFieldsOf === undefined;
    const operation = `watch ${this.#name}`;
    const startedMs = clock.monotonic();
    let eventCount = 0;
    let filling = version === undefined ? new Map<string, T>() : undefined;
    const lines = new LineSplitter((line) => {
      eventCount += 1;
      filling = this.#receive(parseWatchEvent<T>(operation, line, isLean), filling);
    });
    await client.transport.stream(
      {
        operation,
        path: withQuery(collectionPath(client.type, scope?.namespace), this.#watchQuery(version)),
        accept: client.accept,
        idleTimeoutMs: this.#timings.idleTimeoutMs,
        signal: this.#stopping.signal,
      },
      (chunk) => lines.push(chunk),
    );
    if (filling !== undefined) {
      // Servers before 1.27 ignore the question and never say that they are done.
      this.#isStreamingList = false;
      throw new ConnectionError(`list ${this.#name} by watch`, 'Closed');
    }
    if (eventCount === 0 && clock.monotonic() - startedMs < SHORTEST_HONEST_WATCH_MS) {
      throw new ConnectionError(operation, 'Closed');
    }
  }

  #watchQuery(version: string | undefined): Query {
    const { shortestWatchSeconds, longestWatchSeconds } = this.#timings;
    const span = longestWatchSeconds - shortestWatchSeconds;
    return {
      labelSelector: this.#options.scope?.labelSelector,
      fieldSelector: this.#options.scope?.fieldSelector,
      watch: true,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.round(shortestWatchSeconds + this.#options.random() * span),
      ...(version === undefined
        ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: version }),
    };
  }

  /** @returns what has been filled so far, or undefined once the collection is complete. */
  #receive(event: WatchEvent<T>, filling: Map<string, T> | undefined): Map<string, T> | undefined {
    if (this.#stopping.signal.aborted) return filling;
    const { sink } = this.#options;
    const key = keyOf(event.object.metadata);
    if (filling === undefined) {
      if (event.type === 'DELETED') sink.remove(key, this.#cached(event.object));
      else if (event.type !== 'BOOKMARK') sink.upsert(key, this.#cached(event.object));
    } else if (event.type === 'DELETED') filling.delete(key);
    else if (event.type !== 'BOOKMARK') filling.set(key, this.#cached(event.object));

    const isComplete = filling === undefined || isInitialEventsEnd(event);
    if (!isComplete) return filling;
    if (filling !== undefined) sink.replace(filling);
    this.#version = event.object.metadata.resourceVersion ?? this.#version;
    return undefined;
  }

  #cached(object: T): T {
    const { client, sink, keepManagedFieldsOf } = this.#options;
    const before = sink.get(keyOf(object.metadata));
    return cachedObject(object, client.type, { keepManagedFieldsOf, before, strings: this.#strings });
  }

  /** Decides how to go on after a failure. @returns the milliseconds to wait first. */
  #recover(error: unknown): number {
    const { clock, log } = this.#options;
    if (isExpired(error) || isVersionTooLarge(error)) this.#version = undefined;
    if (this.#version === undefined && this.#isStreamingList && isQuestionRefused(error)) {
      this.#isStreamingList = false;
      log.info({ resource: this.#name }, 'Fell back to paginated lists: the server offers no streaming list');
      return 0;
    }
    const askedMs = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const delayMs = Math.max(askedMs, this.#failures.nextDelayMs(clock.monotonic()));
    log.warn({ resource: this.#name, err: error, delayMs }, 'Lost the watch and will resume it');
    return delayMs;
  }
}

/** The server understood who and what we are, but not the parameters of a streaming list. */
function isQuestionRefused(error: unknown): boolean {
  return error instanceof ApiError && [400, 405, 415, 422].includes(error.status);
}

/**
 * Reconciles one kind: keys come in from watches, workers take them from the queue, each key by one worker at a time.
 *
 *     const controller = new Controller({
 *       name: 'mailbox',
 *       primary: mailboxes,
 *       reconcile: async (key, { signal }) => ({ requeueAfterMs: 60_000, reason: 'WindowClosed' }),
 *       workers: 32, clock, random, log, observer: metrics.observe('mailbox'),
 *     });
 *     controller.watch(deployments, { keysOf: controllerKeysOf('mailers.io', 'Mailbox') });
 *     controller.watch(secrets, { keysOf: (secret) => mailboxes.keysByIndex('secret', keyOf(secret.metadata)) });
 *     await controller.start(signal);      // waits for all its caches first
 *     await controller.stop();             // lets work in progress finish
 *
 * An error brings the key back later and later; a TerminalError does not; `requeueAfterMs` brings it back then. The
 * first filling of caches and the periodic resync go behind everything that has just changed.
 */
import type { Random } from '../../domain/ports/clock.ts';
import { isAborted } from './api-error.ts';
import { spreadMs, type BackoffRange } from './backoff.ts';
import { isIntentChanged } from './change-filter.ts';
import type { Cancel, TimerClock } from './clock.ts';
import type { Log } from './log.ts';
import { ReconcileLimit } from './reconcile-limit.ts';
import { isDefect, TerminalError, type Reconcile, type Result } from './reconcile.ts';
import type { AnyCache, ResourceCache, Subscription } from './resource-cache.ts';
import type { KubeObject } from './resource.ts';
import { LOW_PRIORITY, WorkQueue, type QueueItem, type QueueObserver } from './work-queue.ts';

export type ReconcileOutcome = 'success' | 'error' | 'requeue_after';

/** Told of everything a controller does. */
export interface ControllerObserver extends QueueObserver {
  onWorkers(active: number, most: number): void;
  onReconciled(outcome: ReconcileOutcome, seconds: number): void;
  onTerminalError(): void;
  onDefect(): void;
  onTimeout(): void;
  /** Asked for the queue's state at every scrape. */
  observeQueue(queue: WorkQueue): void;
}

/** The cache of the kind that is reconciled. */
type PrimaryCache<T extends KubeObject> = AnyCache & Pick<ResourceCache<T>, 'subscribe' | 'keys'>;

export interface ControllerOptions<T extends KubeObject> {
  name: string;
  primary: PrimaryCache<T>;
  reconcile: Reconcile;
  /** Reconciles at a time. */
  workers: number;
  clock: TimerClock;
  random: Random;
  log: Log;
  observer?: ControllerObserver;
  /** Of keys that keep failing. Default: 50 ms doubling to 5 min. */
  backoff?: BackoffRange;
  /** Which updates of the primary matter. Default: all but those of status alone. Nothing: none does, others wake the keys with `enqueue`. */
  isRelevant?: ((before: T, after: T) => boolean) | 'Nothing';
  /** Asked before a key is taken: while it says so, keys stay in the queue. */
  whenReady?: () => Promise<void> | undefined;
  /** After this long the reconcile's signal aborts. Default 60 s. */
  reconcileTimeoutMs?: number;
  /** Every object is reconciled again about this often, in case an event or a status was lost. Default 10 h ± 10 %, as controller-runtime. */
  resyncEveryMs?: number;
  /** How long the caches may take to fill before `start` fails. Default 2 min. */
  cacheSyncTimeoutMs?: number;
}

const RECONCILE_TIMEOUT_MS = 60_000;
const RESYNC_EVERY_MS = 36_000_000;
const CACHE_SYNC_TIMEOUT_MS = 120_000;
const RESYNC_JITTER = 0.1;

export class Controller<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly #options: ControllerOptions<T>;
  readonly #queue: WorkQueue;
  readonly #caches: AnyCache[];
  readonly #abandon = new AbortController();
  /** Workers that wait until they may take a key. */
  readonly #waiting = new Set<() => void>();
  #workers: Promise<void>[] = [];
  #active = 0;
  #cancelResync: Cancel | undefined;

  constructor(options: ControllerOptions<T>) {
    this.name = options.name;
    this.#options = options;
    this.#queue = new WorkQueue(options);
    this.#caches = [options.primary];
    options.observer?.observeQueue(this.#queue);
    const { primary, isRelevant = isIntentChanged } = options;
    if (isRelevant !== 'Nothing') this.#subscribe(primary, { isRelevant });
  }

  /** Changes of another kind wake the keys that `mapping.keysOf` names. */
  watch<O extends KubeObject>(
    cache: AnyCache & Pick<ResourceCache<O>, 'subscribe'>,
    mapping: Omit<Subscription<O>, 'handler'> & { keysOf: (object: O) => readonly string[] },
  ): this {
    this.#caches.push(cache);
    this.#subscribe(cache, mapping);
    return this;
  }

  /** Asks for a reconcile from outside the watches. */
  enqueue(key: string, afterMs = 0): void {
    this.#queue.add(key, { afterMs });
  }

  /**
   * Waits until every cache has synced (acting on a half-filled cache deletes what it has not seen yet), then starts
   * the workers.
   * @throws when a cache does not fill in time, naming it, or when `signal` aborts first.
   */
  async start(signal: AbortSignal): Promise<void> {
    const { clock, log, workers, cacheSyncTimeoutMs = CACHE_SYNC_TIMEOUT_MS } = this.#options;
    const limit = new AbortController();
    const cancel = clock.after(cacheSyncTimeoutMs, () => limit.abort(this.#unsyncedError()));
    try {
      const eitherSignal = AbortSignal.any([signal, limit.signal]);
      await Promise.all(this.#caches.map((cache) => cache.whenSynced(eitherSignal)));
    } finally {
      cancel();
    }
    log.info({ controller: this.name, workers }, 'Started the controller');
    this.#workers = Array.from({ length: workers }, () => this.#work());
    this.#armResync();
  }

  /**
   * Hands out no more keys and waits for the reconciles in progress; those that outlast `drainTimeoutMs` have their
   * signal aborted and are waited for too. With 0, as when leadership is lost, that happens at once.
   */
  async stop(drainTimeoutMs = 10_000): Promise<void> {
    this.#cancelResync?.();
    for (const resume of this.#waiting) resume();
    const drained = this.#queue.shutdown({ drain: false });
    const cancel = this.#options.clock.after(drainTimeoutMs, () => this.#abandon.abort());
    if (drainTimeoutMs === 0) this.#abandon.abort();
    await drained;
    await Promise.all(this.#workers);
    cancel();
    this.#options.log.info({ controller: this.name }, 'Stopped the controller');
  }

  #subscribe<O extends KubeObject>(
    cache: Pick<ResourceCache<O>, 'subscribe'>,
    mapping: Omit<Subscription<O>, 'handler'>,
  ): void {
    cache.subscribe({
      ...mapping,
      handler: ({ key, isInitial }) => this.#queue.add(key, { priority: isInitial ? LOW_PRIORITY : 0 }),
    });
  }

  #unsyncedError(): Error {
    const names = this.#caches.filter((cache) => !cache.hasSynced).map((cache) => cache.name);
    return new Error(
      `Controller ${this.name} could not start: no complete list of ${names.join(', ')} yet. ` +
        'Check that the CRDs are installed and that our account may list and watch them.',
    );
  }

  async #work(): Promise<void> {
    for (;;) {
      const ready = this.#options.whenReady?.();
      if (ready !== undefined) await this.#untilReady(ready);
      const item = await this.#queue.get();
      if (item === undefined) return;
      this.#countActive(1);
      try {
        await this.#reconcile(item);
      } finally {
        this.#queue.done(item.key);
        this.#countActive(-1);
      }
    }
  }

  /** Or until the controller stops. */
  #untilReady(ready: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiting.delete(resume);
        resolve();
      };
      this.#waiting.add(resume);
      void ready.then(resume);
    });
  }

  async #reconcile(item: QueueItem): Promise<void> {
    const { clock, observer, reconcile, reconcileTimeoutMs = RECONCILE_TIMEOUT_MS } = this.#options;
    const startedMs = clock.monotonic();
    const limit = new ReconcileLimit({
      clock,
      endsAtMs: startedMs + reconcileTimeoutMs,
      abandon: this.#abandon.signal,
      onTimeout: () => observer?.onTimeout(),
    });
    const failures = this.#queue.failuresOf(item.key);
    const context = {
      get signal() {
        return limit.signal;
      },
      failures,
    };
    let outcome: ReconcileOutcome = 'error';
    try {
      outcome = this.#onResult(item, await reconcile(item.key, context));
    } catch (error) {
      this.#onError(item, error);
    } finally {
      limit.clear();
      observer?.onReconciled(outcome, (clock.monotonic() - startedMs) / 1000);
    }
  }

  #onResult({ key }: QueueItem, { requeueAfterMs, reason }: Result): ReconcileOutcome {
    this.#queue.forget(key);
    if (requeueAfterMs === undefined) return 'success';
    this.#queue.add(key, { afterMs: requeueAfterMs });
    this.#options.log.debug(
      { controller: this.name, key, requeueAfterMs, reason },
      'Reconciled and will come back',
    );
    return 'requeue_after';
  }

  #onError({ key, priority }: QueueItem, error: unknown): void {
    const { log, observer } = this.#options;
    // We ended it ourselves, because the process ends or another leads.
    if (this.#abandon.signal.aborted && isAborted(error)) return;
    const fields = { controller: this.name, key, err: error, failures: this.#queue.failuresOf(key) };
    if (error instanceof TerminalError) {
      observer?.onTerminalError();
      this.#queue.forget(key);
      log.error(fields, 'Gave up on the object until it changes');
      return;
    }
    if (isDefect(error)) observer?.onDefect();
    this.#queue.addRateLimited(key, priority);
    log.error(fields, 'Failed to reconcile and will try again');
  }

  #countActive(by: number): void {
    this.#active += by;
    this.#options.observer?.onWorkers(this.#active, this.#options.workers);
  }

  #armResync(): void {
    const { clock, random, primary, resyncEveryMs = RESYNC_EVERY_MS } = this.#options;
    this.#cancelResync = clock.after(spreadMs(resyncEveryMs, RESYNC_JITTER, random), () => {
      // Spread out, or ten thousand reconciles would all fall due in the same second for ever.
      const spreadOverMs = resyncEveryMs * RESYNC_JITTER;
      for (const key of primary.keys()) {
        this.#queue.add(key, { priority: LOW_PRIORITY, afterMs: random() * spreadOverMs });
      }
      this.#armResync();
    });
  }
}

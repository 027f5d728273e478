/**
 * Writes statuses as the budget allows, each object's writes one after the other.
 *
 *     const writer = new StatusWriter<Mailbox>({
 *       budget: new StatusBudget(),
 *       write: (intent, signal) => mailboxes.applyStatus(intent, { fieldManager: 'mailers', signal }),
 *       onFailure: (key, retryAfterMs) => controller.enqueue(key, retryAfterMs),
 *       concurrency: 16, clock, random, log,
 *     });
 *     writer.offer(key, intent, 'Condition');
 *     await writer.stop();
 */
import type { Random } from '../../domain/ports/clock.ts';
import { isNotFound } from './api-error.ts';
import { equalJitterMs, type BackoffRange } from './backoff.ts';
import type { Cancel, TimerClock } from './clock.ts';
import type { Log } from './log.ts';
import type { PendingStatus, StatusBudget, Urgency } from './status-budget.ts';

export interface StatusWriterOptions<S> {
  budget: StatusBudget<S>;
  write: (status: S, signal: AbortSignal) => Promise<unknown>;
  /**
   * The write of `key` failed and its status may be old by now: have it computed again after `retryAfterMs`, which
   * doubles with every failure of that key.
   */
  onFailure: (key: string, retryAfterMs: number) => void;
  /** Writes at a time. */
  concurrency: number;
  clock: TimerClock;
  random: Random;
  log: Log;
}

/** Conditions that may wait before their makers do: seconds of writing. */
const MOST_WAITING = 500;
const RETRY_BACKOFF: BackoffRange = { baseMs: 1000, maxMs: 300_000 };

export class StatusWriter<S> {
  readonly #options: StatusWriterOptions<S>;
  readonly #writing = new Map<string, Promise<void>>();
  /** What was taken for an object whose write before has not ended yet. */
  readonly #deferred = new Map<string, PendingStatus<S>>();
  readonly #failures = new Map<string, number>();
  readonly #stopping = new AbortController();
  #cancelTimer: Cancel | undefined;
  #caughtUp: PromiseWithResolvers<void> | undefined;

  constructor(options: StatusWriterOptions<S>) {
    this.#options = options;
  }

  /** Statuses that wait for their turn. */
  get pending(): number {
    return this.#options.budget.size + this.#deferred.size;
  }

  offer(key: string, status: S, urgency: Urgency): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.budget.offer(key, status, urgency, this.#options.clock.monotonic());
    this.#pump();
  }

  /**
   * Undefined while few conditions wait to be written; else resolves when it is so again. Who makes statuses of many objects waits for it:
   * what is made too early is memory, and old by the time it is written.
   */
  whenCaughtUp(): Promise<void> | undefined {
    if (this.#isCaughtUp()) return undefined;
    this.#caughtUp ??= Promise.withResolvers<void>();
    return this.#caughtUp.promise;
  }

  /** The object is gone: nothing is left to write. */
  withdraw(key: string): void {
    this.#options.budget.withdraw(key);
    this.#deferred.delete(key);
    this.#failures.delete(key);
  }

  /** Abandons what is being written and writes no more: the next leader computes every status anew. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer?.();
    await Promise.all(this.#writing.values());
    this.#tellCaughtUp();
  }

  #isCaughtUp(): boolean {
    const { budget, clock } = this.#options;
    return this.#stopping.signal.aborted || budget.waitingConditions(clock.monotonic()) < MOST_WAITING;
  }

  #tellCaughtUp(): void {
    if (this.#caughtUp === undefined || !this.#isCaughtUp()) return;
    this.#caughtUp.resolve();
    this.#caughtUp = undefined;
  }

  #pump(): void {
    const { budget, clock, concurrency } = this.#options;
    this.#cancelTimer?.();
    if (this.#stopping.signal.aborted) return;
    while (this.#writing.size < concurrency) {
      const next = budget.take(clock.monotonic());
      if (next === undefined) break;
      if (this.#writing.has(next.key)) this.#deferred.set(next.key, next);
      else this.#begin(next);
    }
    this.#tellCaughtUp();
    const waitMs = budget.waitMs(clock.monotonic());
    if (waitMs !== undefined && this.#writing.size < concurrency) {
      this.#cancelTimer = clock.after(waitMs, () => this.#pump());
    }
  }

  #begin(next: PendingStatus<S>): void {
    this.#writing.set(next.key, this.#write(next));
  }

  async #write({ key, status }: PendingStatus<S>): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await this.#options.write(status, signal);
      this.#failures.delete(key);
    } catch (error) {
      if (!signal.aborted) this.#onError(key, error);
    }
    this.#writing.delete(key);
    const deferred = this.#deferred.get(key);
    this.#deferred.delete(key);
    if (deferred !== undefined && !signal.aborted) this.#begin(deferred);
    this.#pump();
  }

  #onError(key: string, error: unknown): void {
    // Deleted while we wrote: there is nothing left to report on.
    if (isNotFound(error)) return this.withdraw(key);
    const { onFailure, random, log } = this.#options;
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const retryAfterMs = equalJitterMs(RETRY_BACKOFF, failures, random);
    log.warn(
      { key, err: error, failures, retryAfterMs },
      'Failed to write a status and will compute it again',
    );
    onFailure(key, retryAfterMs);
  }
}

/**
 * Which Events are worth a request: pure bookkeeping, the sending is `EventRecorder`'s.
 *
 * The same thing said again about the same object within six minutes becomes one Event with a count, written at most
 * once a minute. One object may say 25 different things and then one every five minutes; all together ten a second.
 * (client-go's numbers, but for the total, which it does not bound.)
 */
import { TokenBucket } from './token-bucket.ts';

/** A thing that was said, possibly more than once. */
export interface Series<E> {
  event: E;
  count: number;
  firstAtMs: number;
  lastAtMs: number;
  /** What the API server knows; 0 before the first write. */
  writtenCount: number;
  writtenAtMs: number;
}

const SERIES_ENDS_AFTER_MS = 360_000;
const REWRITE_EVERY_MS = 60_000;
const PER_OBJECT = { capacity: 25, perSecond: 1 / 300 };
const IN_TOTAL = { capacity: 100, perSecond: 10 };
/** A bound on memory: the oldest are forgotten, which costs a second Event at worst. */
const MOST_SERIES = 4096;
const MOST_OBJECTS = 4096;

export type Verdict = 'Write' | 'Count' | 'Drop';

export class EventSeries<E> {
  readonly #series = new Map<string, Series<E>>();
  readonly #perObject = new Map<string, TokenBucket>();
  readonly #total = new TokenBucket(IN_TOTAL);

  /**
   * Something was said.
   * @param key of the same thing about the same object
   * @param object whom it is about
   * @returns whether to write it now, to keep it in the count, or to drop it
   */
  say(key: string, object: string, event: E, nowMs: number): Verdict {
    const present = this.#series.get(key);
    if (present !== undefined && nowMs - present.lastAtMs < SERIES_ENDS_AFTER_MS) {
      present.count += 1;
      present.lastAtMs = nowMs;
      return 'Count';
    }
    if (!this.#bucketOf(object).take(nowMs) || !this.#total.take(nowMs)) return 'Drop';
    this.#series.delete(key);
    this.#series.set(key, {
      event,
      count: 1,
      firstAtMs: nowMs,
      lastAtMs: nowMs,
      writtenCount: 0,
      writtenAtMs: nowMs,
    });
    dropOldest(this.#series, MOST_SERIES);
    return 'Write';
  }

  get(key: string): Series<E> | undefined {
    return this.#series.get(key);
  }

  /** The API server knows the series up to `count`. */
  markWritten(key: string, count: number, nowMs: number): void {
    const series = this.#series.get(key);
    if (series === undefined) return;
    series.writtenCount = count;
    series.writtenAtMs = nowMs;
  }

  /** Forgets a series, so that the next time it is said is the first. */
  end(key: string): void {
    this.#series.delete(key);
  }

  /** Series whose count should be written now. */
  due(nowMs: number): string[] {
    return this.#uncounted().flatMap(([key, { writtenAtMs }]) =>
      nowMs - writtenAtMs >= REWRITE_EVERY_MS ? [key] : [],
    );
  }

  /** How long until `due` gives something; undefined while every count is written. Also forgets what has ended. */
  waitMs(nowMs: number): number | undefined {
    const waits = this.#uncounted().map(([, { writtenAtMs }]) => writtenAtMs + REWRITE_EVERY_MS - nowMs);
    return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
  }

  #uncounted(): [string, Series<E>][] {
    return [...this.#series].filter(
      ([, { count, writtenCount }]) => writtenCount > 0 && count > writtenCount,
    );
  }

  #bucketOf(object: string): TokenBucket {
    const bucket = this.#perObject.get(object) ?? new TokenBucket(PER_OBJECT);
    this.#perObject.delete(object);
    this.#perObject.set(object, bucket);
    dropOldest(this.#perObject, MOST_OBJECTS);
    return bucket;
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const oldest = map.keys().next();
  if (map.size > most && !oldest.done) map.delete(oldest.value);
}

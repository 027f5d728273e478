/**
 * Which status is written next, and when: pure scheduling, the writing is `StatusWriter`'s.
 *
 * Ten thousand mailboxes that all send change their counters all the time; writing each change would melt the API
 * server. So there is one pending status per object, the latest; statuses with a changed condition go first; counters
 * go at most `writesPerSecond` times a second and only when the budget has room. Unused budget is saved up for
 * conditions, so that the first report on many objects is not held back.
 */
import { PriorityLine } from './priority-line.ts';
import { TokenBucket } from './token-bucket.ts';

/** Why a status is to be written: a condition changed (somebody waits for it), or only numbers did. */
export type Urgency = 'Condition' | 'Counter';

export interface StatusBudgetOptions {
  /** In the long run, over all objects. Default 20. */
  writesPerSecond?: number;
  /** Writes that may be saved up, for conditions. Default 12,000: ten minutes' worth, a first report on 10,000 objects. */
  savedWrites?: number;
}

export interface PendingStatus<S> {
  key: string;
  status: S;
  urgency: Urgency;
}

const WRITES_PER_SECOND = 20;
const SAVED_WRITES = 12_000;
const PRIORITY: Record<Urgency, number> = { Condition: 1, Counter: 0 };

export class StatusBudget<S> {
  readonly #line = new PriorityLine();
  readonly #pending = new Map<string, PendingStatus<S>>();
  readonly #total: TokenBucket;
  readonly #counters: TokenBucket;

  constructor({ writesPerSecond = WRITES_PER_SECOND, savedWrites = SAVED_WRITES }: StatusBudgetOptions = {}) {
    this.#total = new TokenBucket({ capacity: savedWrites, perSecond: writesPerSecond });
    this.#counters = new TokenBucket({ capacity: 1, perSecond: writesPerSecond });
  }

  /** Statuses that wait. */
  get size(): number {
    return this.#pending.size;
  }

  /** Statuses with a changed condition that wait. */
  waitingConditions(nowMs: number): number {
    return this.#line.depth(nowMs).get(PRIORITY.Condition) ?? 0;
  }

  /** The latest status of an object; takes the place of one that waits, but not of its urgency. */
  offer(key: string, status: S, urgency: Urgency, nowMs: number): void {
    const isUrgent = urgency === 'Condition' || this.#pending.get(key)?.urgency === 'Condition';
    this.#pending.set(key, { key, status, urgency: isUrgent ? 'Condition' : 'Counter' });
    this.#line.join({ key, priority: PRIORITY[urgency], readyAtMs: nowMs }, nowMs);
  }

  /** The object is gone, or its status is right as it is. */
  withdraw(key: string): void {
    this.#pending.delete(key);
  }

  /** Takes the status to write now, if the budget allows one. */
  take(nowMs: number): PendingStatus<S> | undefined {
    while (this.waitMs(nowMs) === 0) {
      const turn = this.#line.take(nowMs);
      const pending = turn && this.#pending.get(turn.key);
      if (pending === undefined) continue;
      this.#pending.delete(pending.key);
      this.#total.take(nowMs);
      if (pending.urgency === 'Counter') this.#counters.take(nowMs);
      return pending;
    }
    return undefined;
  }

  /** How long until `take` may give something; undefined while nothing waits. */
  waitMs(nowMs: number): number | undefined {
    const depth = this.#line.depth(nowMs);
    if (depth.size === 0) return undefined;
    const totalMs = this.#total.waitMs(nowMs);
    return depth.has(PRIORITY.Condition) ? totalMs : Math.max(totalMs, this.#counters.waitMs(nowMs));
  }
}

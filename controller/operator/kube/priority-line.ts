import { Heap } from './heap.ts';

/** A key in line. */
export interface Place {
  key: string;
  /** Higher goes first. */
  priority: number;
  /** Not before this monotonic time. */
  readyAtMs: number;
}

interface Slot extends Place {
  order: number;
  /** Since when it could have been taken; undefined while it waits. */
  dueSinceMs: number | undefined;
}

/** A taken key, and since when it could have been taken. */
export interface Turn extends Place {
  dueSinceMs: number;
}

/** Outdated slots are dropped when they outnumber the valid ones by this factor, so that neither memory nor time is lost to them. */
const MOST_OUTDATED_PER_VALID = 2;
const COMPACT_ABOVE = 64;

/**
 * Keys in line, each once: by priority, within a priority in the order in which they became due. Joining again can
 * only improve a place: the earlier time and the higher priority win, and whose priority rises joins the end of the
 * new class.
 */
export class PriorityLine {
  readonly #slots = new Map<string, Slot>();
  // The heaps may hold outdated slots besides: a slot counts only while #slots holds that very one.
  readonly #due = new Heap<Slot>((one, other) =>
    one.priority === other.priority ? one.order < other.order : one.priority > other.priority,
  );
  readonly #waiting = new Heap<Slot>((one, other) => one.readyAtMs < other.readyAtMs);
  readonly #depth = new Map<number, number>();
  #nextOrder = 0;

  /** Keys in line, due or not. */
  get size(): number {
    return this.#slots.size;
  }

  /** Slots in memory, outdated ones included: stays proportional to `size`. */
  get footprint(): number {
    return this.#due.size + this.#waiting.size;
  }

  join(place: Place, nowMs: number): void {
    this.#promote(nowMs);
    const present = this.#slots.get(place.key);
    const better = present === undefined ? place : betterPlace(present, place);
    if (present?.dueSinceMs !== undefined) {
      if (better.priority === present.priority) return;
      this.#count(present.priority, -1);
    } else if (better.priority === present?.priority && better.readyAtMs === present.readyAtMs) return;
    const slot: Slot = { ...better, order: 0, dueSinceMs: present?.dueSinceMs };
    this.#slots.set(slot.key, slot);
    if (slot.dueSinceMs !== undefined || slot.readyAtMs <= nowMs) this.#makeDue(slot, nowMs);
    else this.#waiting.push(slot);
    this.#compact();
  }

  /** Takes the first due key out of line. */
  take(nowMs: number): Turn | undefined {
    this.#promote(nowMs);
    for (let slot = this.#due.pop(); slot !== undefined; slot = this.#due.pop()) {
      if (!this.#isValid(slot) || slot.dueSinceMs === undefined) continue;
      this.#slots.delete(slot.key);
      this.#count(slot.priority, -1);
      const { key, priority, readyAtMs, dueSinceMs } = slot;
      return { key, priority, readyAtMs, dueSinceMs };
    }
    return undefined;
  }

  /** When a key can be taken: now, or when the first of those that wait becomes due; undefined when nobody is in line. */
  nextDueMs(nowMs: number): number | undefined {
    this.#promote(nowMs);
    if (this.#depth.size > 0) return nowMs;
    return this.#waiting.peek()?.readyAtMs;
  }

  /** How many keys are due, by priority; as it is now and until the line changes. */
  depth(nowMs: number): ReadonlyMap<number, number> {
    this.#promote(nowMs);
    return this.#depth;
  }

  #promote(nowMs: number): void {
    for (let slot = this.#waiting.peek(); slot !== undefined; slot = this.#waiting.peek()) {
      const isValid = this.#isValid(slot);
      if (isValid && slot.readyAtMs > nowMs) return;
      this.#waiting.pop();
      if (isValid) this.#makeDue(slot, nowMs);
    }
  }

  #makeDue(slot: Slot, nowMs: number): void {
    slot.order = this.#nextOrder++;
    slot.dueSinceMs ??= Math.min(nowMs, slot.readyAtMs);
    this.#due.push(slot);
    this.#count(slot.priority, 1);
  }

  #isValid(slot: Slot): boolean {
    return this.#slots.get(slot.key) === slot;
  }

  #count(priority: number, by: number): void {
    const depth = (this.#depth.get(priority) ?? 0) + by;
    if (depth === 0) this.#depth.delete(priority);
    else this.#depth.set(priority, depth);
  }

  #compact(): void {
    const most = COMPACT_ABOVE + this.#slots.size * MOST_OUTDATED_PER_VALID;
    for (const heap of [this.#due, this.#waiting]) {
      if (heap.size > most) heap.retain((slot) => this.#isValid(slot));
    }
  }
}

/** The earlier time and the higher priority of two places for the same key. */
export function betterPlace(one: Place, other: Place): Place {
  return {
    key: one.key,
    priority: Math.max(one.priority, other.priority),
    readyAtMs: Math.min(one.readyAtMs, other.readyAtMs),
  };
}

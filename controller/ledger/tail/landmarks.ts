import type { FoundLedger } from '../ledger-look.ts';
import { TAIL_MS } from './recent.ts';

/** How often a process leaves a landmark, and of how many lost ones it could tell all that was lost with them. */
export interface LandmarkTimes {
  readonly everyMs: number;
  readonly tooFarMs: number;
}

/** What was acknowledged after the last landmark, for up to two seconds, must be within the tail, too. */
export const LANDMARK_TIMES: LandmarkTimes = { everyMs: 1_000, tooFarMs: TAIL_MS - 2_000 };

/** Landmarks are kept so long after the last one, ms: a process that had no Redis for longer cannot tell whether it lost anything. */
export const LANDMARKS_KEPT_MS = 7 * 24 * 3_600_000;

export interface LandmarksParts {
  readonly times: LandmarkTimes;
  readonly monotonicMs: () => number;
  /** What is there, once the ledger was told what it may have lost. */
  readonly look: () => Promise<FoundLedger>;
  /** Keys that share the fate of all others: one on each node. */
  readonly keysOf: (found: FoundLedger) => readonly string[];
  readonly write: (key: string, value: number) => Promise<unknown>;
  /** Undefined = there is none of this process. */
  readonly read: (key: string) => Promise<number | undefined>;
}

/** Values of the first and the last landmark that a key took. */
interface Left {
  readonly first: number;
  readonly last: number;
}

/**
 * What this process leaves in the ledger every second, to see how far a ledger went back that lost its last writes: the tail can tell only the
 * last moments. A state from before that (a stale replica that became the primary, a backup, a snapshot of a Redis without its append-only file)
 * would have messages sent twice and quotas exceeded without anybody noticing.
 */
export class Landmarks {
  readonly #parts: LandmarksParts;
  readonly #left = new Map<string, Left>();
  #ledgerId = '';
  /** Grows with time, but for gaps: a process that stood still, or had no Redis, did nothing meanwhile that could be lost. */
  #value = 0;
  /** When the last one was left, or was tried to be. */
  #leftAtMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLeaving = false;

  constructor(parts: LandmarksParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.#timer = setInterval(() => void this.#leaveInTime(), this.#parts.times.everyMs).unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** The ledger in which they were left. */
  get ledgerId(): string {
    return this.#ledgerId;
  }

  /** How much is lost, as far as this process knows, ms; 0 when the tail can tell it all. Only right before the ledger is told. */
  async lostTooMuchMs(): Promise<number> {
    const { monotonicMs, times } = this.#parts;
    if (monotonicMs() - (this.#leftAtMs ?? 0) > LANDMARKS_KEPT_MS) return 0;
    const lost = await Promise.all(
      [...this.#left].map(async ([key, { first, last }]) => last - ((await this.#parts.read(key)) ?? first)),
    );
    const most = Math.max(0, ...lost);
    return most > times.tooFarMs ? most : 0;
  }

  async leave(): Promise<void> {
    const { look, keysOf, write } = this.#parts;
    const found = await look();
    if (found.id !== this.#ledgerId) this.#left.clear();
    // What is written to a lost ledger is of no worth: when a newer state is brought back, nothing of it is missed.
    if (found.id === '' || found.rewoundByMs !== undefined) return;
    this.#ledgerId = found.id;
    const value = this.#nextValue();
    await Promise.all(
      keysOf(found).map(async (key) => {
        await write(key, value);
        this.#left.set(key, { first: this.#left.get(key)?.first ?? value, last: value });
      }),
    );
  }

  #nextValue(): number {
    const { monotonicMs, times } = this.#parts;
    const nowMs = monotonicMs();
    this.#value += Math.min(nowMs - (this.#leftAtMs ?? nowMs), 2 * times.everyMs);
    this.#leftAtMs = nowMs;
    return Math.round(this.#value);
  }

  async #leaveInTime(): Promise<void> {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    try {
      await this.leave();
    } catch {
      // What rejects here rejects for the next call, too, whose caller can deal with it.
    } finally {
      this.#isLeaving = false;
    }
  }
}

import { WRITTEN_AFTER_MS } from './recent.ts';

/**
 * So long after the first process is back nothing is handed out, ms: the longest pause before another one reconnects (a second, see
 * connection.ts), an attempt that was under way when Redis came (a second until TCP repeats it), and a second to tell.
 */
const HOLD_MS = 3_000;
/**
 * The same behind Sentinels, ms: a machine may vanish with the primary and a Sentinel on it, and each is given two seconds to take a
 * connection before the next one is asked (see connection.ts).
 */
const HOLD_BEHIND_SENTINELS_MS = 6_000;

export interface ContinuityParts {
  /** Undefined = nobody may ask. */
  readonly readLives: () => Promise<readonly string[] | undefined>;
  /**
   * Notes in the ledger in which lives it is, and in which this process saw it before (none: it has just begun); answers for how long that is
   * known, ms, undefined = since the ledger was made.
   */
  readonly noteLives: (lives: readonly string[], after: readonly string[]) => Promise<number | undefined>;
  /** Tells the ledger what it may have lost; what happened in one of `lives` cannot be lost. */
  readonly restate: (lives: readonly string[]) => Promise<void>;
  /**
   * A server may be written to again, in its old life, after another one was: behind Sentinels, until they tell it that it is a replica. What
   * it says of its lives is no proof then that nothing is lost.
   */
  readonly mayReturn: boolean;
  readonly monotonicMs: () => number;
  /** Keeps no process alive. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** How often it is tried to come back, ms: who has nothing to ask tells, too. */
const RETRY_MS = 250;

/**
 * Whether the ledger is still where this process saw it last. After each break of a connection it is compared: a server that was
 * restarted, or another one that took over, may have lost its last writes. Then everything waits until this process has told its
 * own again, and what hands something out (a claim, a reservation, the last gate) until all others had the time to do so.
 */
export class Continuity {
  readonly #parts: ContinuityParts;
  /** Breaks so far, and how many of them are dealt with. */
  #breaks = 0;
  #restoredBreaks = 0;
  #lives: readonly string[] = [];
  #heldUntilMs = -Infinity;
  #losses = 0;
  #restoring: Promise<void> | undefined;
  #isOpen = false;
  #isTending = false;

  constructor(parts: ContinuityParts) {
    this.#parts = parts;
  }

  /** The first look, when nothing was done yet that could be lost. Others may still have something to tell. */
  async open(): Promise<void> {
    const breaks = this.#breaks;
    const lives = await this.#parts.readLives();
    if (lives !== undefined || this.#parts.mayReturn) await this.#hold(lives);
    this.#lives = lives ?? [];
    this.#restoredBreaks = breaks;
    this.#isOpen = true;
  }

  /** The connection will be closed for good. */
  close(): void {
    this.#isOpen = false;
  }

  /** How often the ledger may have lost its last writes since it was opened. */
  get losses(): number {
    return this.#losses;
  }

  /** Whether the ledger may be in another life than the one it was made in: of that one some may still have to tell. */
  get hasPast(): boolean {
    return this.#heldUntilMs > -Infinity;
  }

  /** A connection broke. */
  broke(): void {
    this.#breaks += 1;
    if (this.#isOpen && !this.#isTending) void this.#tend();
  }

  /** Resolves when the ledger knows what this process did; undefined = it does, nobody need wait. Rejects when it cannot be told now. */
  restored(): Promise<void> | undefined {
    if (this.#breaks === this.#restoredBreaks) return undefined;
    this.#restoring ??= this.#restore().finally(() => (this.#restoring = undefined));
    return this.#restoring;
  }

  /** Resolves when something may be handed out; undefined = now. */
  settled(): Promise<void> | undefined {
    const isSettled = this.restored() === undefined && this.#parts.monotonicMs() >= this.#heldUntilMs;
    return isSettled ? undefined : this.#settle();
  }

  /**
   * Resolves when what this process did until now is surely kept, told again if it was lost meanwhile: for one that ends then, and could not
   * tell it later. Rejects when the ledger is away or gone. `look`: asks the ledger anything, so that a connection that is dead breaks.
   */
  async kept(look: () => Promise<unknown>): Promise<void> {
    let losses: number;
    do {
      losses = this.#losses;
      await this.#parts.sleep(WRITTEN_AFTER_MS);
      await look();
      await this.restored();
    } while (losses !== this.#losses);
  }

  async #tend(): Promise<void> {
    this.#isTending = true;
    while (this.#isOpen && this.#breaks !== this.#restoredBreaks) {
      await this.#parts.sleep(RETRY_MS);
      // What rejects here rejects for the next call, too, whose caller can deal with it.
      await this.restored()?.catch(() => undefined);
    }
    this.#isTending = false;
  }

  async #settle(): Promise<void> {
    for (;;) {
      await this.restored();
      const leftMs = this.#heldUntilMs - this.#parts.monotonicMs();
      if (leftMs > 0) await this.#parts.sleep(leftMs);
      else if (this.restored() === undefined) return;
    }
  }

  async #restore(): Promise<void> {
    while (this.#breaks !== this.#restoredBreaks) {
      const breaks = this.#breaks;
      await this.#compare();
      this.#restoredBreaks = breaks;
    }
  }

  async #compare(): Promise<void> {
    const { readLives, restate } = this.#parts;
    const lives = await readLives();
    const isSame = lives?.every((life) => this.#lives.includes(life)) === true;
    if (!isSame || this.#parts.mayReturn) await this.#hold(lives);
    if (isSame) return;
    await restate(this.#lives);
    this.#losses += 1;
    this.#lives = lives ?? [];
  }

  async #hold(lives: readonly string[] | undefined): Promise<void> {
    const knownForMs = lives === undefined ? 0 : await this.#parts.noteLives(lives, this.#lives);
    if (this.#parts.mayReturn) this.#heldUntilMs = this.#parts.monotonicMs() + HOLD_BEHIND_SENTINELS_MS;
    else if (knownForMs !== undefined) this.#heldUntilMs = this.#parts.monotonicMs() + HOLD_MS - knownForMs;
  }
}

/**
 * The time that statuses are made by: the ledger's, as for the senders whose holds and windows they speak of. How this machine's clock is set
 * does not matter, except while the ledger has never been reached.
 */
import { LedgerClock } from '../domain/ledger-clock.ts';
import { LedgerLost, LedgerUnavailable, type Ledger } from '../domain/ports/ledger.ts';
import { BackgroundLoop } from './kube/background-loop.ts';
import type { TimerClock } from './kube/clock.ts';
import type { Log } from './kube/log.ts';

export interface LedgerTimeParts {
  readonly ledger: Pick<Ledger, 'now'>;
  readonly clock: TimerClock;
  readonly log: Log;
}

/** A machine that slept, or a Redis whose clock was set, is noticed within this. */
const LOOK_EVERY_MS = 60_000;

export class LedgerTime {
  readonly #parts: LedgerTimeParts;
  readonly #clock: LedgerClock;
  readonly #loop: BackgroundLoop;

  constructor(parts: LedgerTimeParts) {
    this.#parts = parts;
    this.#clock = new LedgerClock(parts.clock);
    this.#loop = new BackgroundLoop(parts.clock, () => this.#turn());
  }

  /** ms since the epoch. */
  now(): number {
    return Math.floor(this.#clock.now());
  }

  /** Rejects with LedgerUnavailable or LedgerLost. */
  async look(): Promise<void> {
    await this.#clock.ask(
      () => this.#parts.ledger.now(),
      (nowMs) => nowMs,
    );
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #turn(): Promise<number> {
    try {
      await this.look();
    } catch (error) {
      if (!(error instanceof LedgerUnavailable || error instanceof LedgerLost)) throw error;
      this.#parts.log.debug({ err: error }, 'Failed to ask the ledger for its time');
    }
    return LOOK_EVERY_MS;
  }
}

import type { Logger } from 'pino';
import { LedgerLost, type LedgerUnavailable } from '../domain/ports/ledger.ts';

/**
 * Remembers whether the ledger can be used, and says so once at each change instead of at every call. It can be used again when a heartbeat,
 * which writes, was asked for and answered since the last failure, and every task that had failed has worked since: a Redis that is full, or
 * a replica, answers what only reads; one that refuses a command answers heartbeats.
 */
export class LedgerWatch {
  readonly #log: Logger;
  #trouble: 'Away' | 'Lost' | undefined;
  #failures = 0;
  /** Tasks that are repeated, and failed last time. */
  readonly #failing = new Set<string | object>();
  #hasBeaten = false;
  /** An answer may have been lost since this was last set to false: the ledger may have handed out what we do not know of. */
  hasMissed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** @param task which is repeated until it works; undefined = another way is found. */
  failed(error: LedgerUnavailable | LedgerLost, task?: string | object): void {
    this.hasMissed = true;
    this.#hasBeaten = false;
    this.#failures += 1;
    if (task !== undefined) this.#failing.add(task);
    if (error instanceof LedgerLost) {
      if (this.#trouble !== 'Lost')
        this.#log.error(
          { err: error },
          'Ledger is lost; nothing is sent until its content is back or the loss is confirmed',
        );
      this.#trouble = 'Lost';
    } else if (this.#trouble === undefined) {
      this.#log.warn({ err: error }, 'Ledger cannot be used; nothing is sent until it can');
      this.#trouble = 'Away';
    }
  }

  /** To be called before a heartbeat; what it answers, after it. */
  beats(): () => void {
    const before = this.#failures;
    return () => {
      if (before === this.#failures) this.#hasBeaten = true;
    };
  }

  /** The task is not repeated any more, whether it worked or not. */
  over(task: string | object): void {
    this.#failing.delete(task);
  }

  /** The task worked. True when this ends an outage. */
  worked(task: string): boolean {
    this.over(task);
    if (this.#trouble === undefined || !this.#hasBeaten || this.#failing.size > 0) return false;
    if (this.#trouble === 'Away') this.#log.info('Ledger can be used again');
    else this.#log.info('Ledger has its content again, or its loss is confirmed; sending goes on');
    this.#trouble = undefined;
    return true;
  }

  get isAway(): boolean {
    return this.#trouble !== undefined;
  }
}

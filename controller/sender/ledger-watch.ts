import type { Logger } from 'pino';
import { LedgerLost, type LedgerUnavailable } from '../domain/ports/ledger.ts';

/** Remembers whether the ledger answers, and says so once at each change instead of at every call. */
export class LedgerWatch {
  readonly #log: Logger;
  #isAway = false;
  /** An answer may have been lost since this was last set to false: the ledger may have handed out what we do not know of. */
  hasMissed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  failed(error: LedgerUnavailable | LedgerLost): void {
    this.hasMissed = true;
    if (this.#isAway) return;
    this.#isAway = true;
    if (error instanceof LedgerLost)
      this.#log.error({ err: error }, 'Ledger lost its content; nothing is sent until it is confirmed');
    else this.#log.warn({ err: error }, 'Ledger does not answer; nothing is sent until it does');
  }

  /** True when this answer ends an outage. */
  answered(): boolean {
    if (!this.#isAway) return false;
    this.#isAway = false;
    this.#log.info('Ledger answers again');
    return true;
  }

  get isAway(): boolean {
    return this.#isAway;
  }
}

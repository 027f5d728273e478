import type { Logger } from 'pino';

/**
 * How long a login may be refused before the process ends, milliseconds. Whoever changes a password needs a moment to do so on both sides.
 */
const PATIENCE_MS = 10_000;

/**
 * Ends a container whose Redis goes on refusing its login. The URL was put into its environment when it started, from a Secret that may have
 * been changed since: only a container that is started again gets the new one.
 */
export class LoginRefusal {
  readonly #lasting = new AbortController();
  readonly #log: Pick<Logger, 'error'>;
  readonly #patienceMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Pick<Logger, 'error'>, patienceMs = PATIENCE_MS) {
    this.#log = log;
    this.#patienceMs = patienceMs;
  }

  /** Aborted when the login has been refused for too long. */
  get signal(): AbortSignal {
    return this.#lasting.signal;
  }

  /** For `onLogin` of the ledger. */
  readonly note = (refusal?: Error): void => {
    if (refusal === undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#end(), this.#patienceMs).unref();
    }
  };

  #end(): void {
    this.#log.error('Redis still refuses the login: ending, since only a new start reads REDIS_URL anew');
    this.#lasting.abort();
  }
}

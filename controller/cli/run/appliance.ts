import type { Logger } from 'pino';
import type { Clock } from '../../domain/ports/clock.ts';
import { LedgerLost, LedgerUnavailable } from '../../domain/ports/ledger.ts';

/** Pause before trying again while the ledger is away, milliseconds. */
const RETRY_MS = 250;

/** Applies the latest of a series of values, one at a time, through outages of the ledger. Values that came in between are skipped. */
export class Appliance<Value> {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #apply: (value: Value) => Promise<void>;
  readonly #stopping = new AbortController();
  #next: { readonly value: Value } | undefined;
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #break: (error: unknown) => void = () => undefined;
  /** Never resolves; rejects when applying failed for another reason than the ledger. */
  readonly broken: Promise<never>;

  constructor(parts: { clock: Clock; log: Logger; apply: (value: Value) => Promise<void> }) {
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#apply = parts.apply;
    this.broken = new Promise((_, reject) => {
      this.#break = reject;
    });
  }

  put(value: Value): void {
    this.#next = { value };
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#working = this.#work()
      .catch(this.#break)
      .finally(() => {
        this.#isWorking = false;
      });
  }

  /** Resolves when nothing is being applied any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#next && !this.#stopping.signal.aborted) {
      const current = this.#next;
      try {
        await this.#apply(current.value);
        if (this.#next === current) this.#next = undefined;
      } catch (error) {
        if (!(error instanceof LedgerUnavailable || error instanceof LedgerLost)) throw error;
        this.#log.debug({ err: error }, 'Not applied yet: the ledger does not answer');
        await this.#clock.sleep(RETRY_MS, this.#stopping.signal);
      }
    }
  }
}

import type { Logger } from 'pino';
import type { Clock } from '../../domain/ports/clock.ts';
import { LedgerUnavailable, type Ledger } from '../../domain/ports/ledger.ts';

/** How often it is asked how well the ledger is kept, ms: settings of Redis are changed while it runs. */
const INTERVAL_MS = 10_000;

export interface LedgerHealthLogParts {
  readonly ledger: Pick<Ledger, 'health'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** Says at the start, and at each change, when Redis may lose the ledger, with the setting to change; and when it no longer may. */
export class LedgerHealthLog {
  readonly #parts: LedgerHealthLogParts;
  #told: string | undefined;
  #dueAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: LedgerHealthLogParts) {
    this.#parts = parts;
  }

  /** Looks when it is time to; call it often. A ledger that is away or lost is told of by those who need it. */
  async tend(): Promise<void> {
    const { ledger, clock, log } = this.#parts;
    if (clock.monotonic() < this.#dueAtMs) return;
    this.#dueAtMs = clock.monotonic() + INTERVAL_MS;
    const health = await ledger.health().catch((error: unknown) => {
      if (error instanceof LedgerUnavailable) return undefined;
      throw error;
    });
    if (health === undefined || health.reason === 'LedgerLost') return;
    const { reason, message } = health;
    const isDurable = reason === 'LedgerDurable';
    const isNews = isDurable ? this.#told !== undefined : this.#told !== message;
    this.#told = isDurable ? undefined : message;
    if (!isNews) return;
    if (isDurable) log.info({ reason }, `The ledger is kept well again: ${message}`);
    else log.warn({ reason }, message);
  }
}

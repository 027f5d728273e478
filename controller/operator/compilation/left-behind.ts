/**
 * Makes the operator look at namespaces of which only the ledger still knows: everything in them was deleted while no operator ran.
 *
 *     const leftBehind = new LeftBehind({ publisher, namespace: undefined, wake, clock, log });
 *     leftBehind.start();  await leftBehind.stop();
 */
import { LedgerLost, LedgerUnavailable } from '../../domain/ports/ledger.ts';
import { BackgroundLoop } from '../kube/background-loop.ts';
import type { TimerClock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { Publisher } from './publisher.ts';

export interface LeftBehindParts {
  readonly publisher: Pick<Publisher, 'findLeftBehind'>;
  /** The one namespace that is watched; undefined = all. What belongs to others is left alone. */
  readonly namespace: string | undefined;
  /** Compile this namespace: what it does not declare any more is withdrawn then. */
  readonly wake: (namespace: string) => void;
  readonly clock: TimerClock;
  readonly log: Log;
}

const LOOK_EVERY_MS = 600_000;
/** Pause while the ledger is away, ms. */
const RETRY_MS = 5_000;

export class LeftBehind {
  readonly #parts: LeftBehindParts;
  readonly #loop: BackgroundLoop;

  constructor(parts: LeftBehindParts) {
    this.#parts = parts;
    this.#loop = new BackgroundLoop(parts.clock, () => this.#look());
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers when to look again, ms. */
  async #look(): Promise<number> {
    const { publisher, namespace, wake, log } = this.#parts;
    try {
      for (const found of await publisher.findLeftBehind()) {
        if (namespace === undefined || namespace === found) wake(found);
      }
      return LOOK_EVERY_MS;
    } catch (error) {
      if (!(error instanceof LedgerUnavailable || error instanceof LedgerLost)) throw error;
      log.warn({ err: error }, 'Failed to look for plans that were left behind');
      return RETRY_MS;
    }
  }
}

import type { Cancel, TimerClock } from './clock.ts';

/**
 * The signal of one reconcile, made when it is asked for: most reconciles of ten thousand objects call nobody, and are over before a timer
 * would have been set.
 */
export class ReconcileLimit {
  readonly #parts: LimitParts;
  #controller: AbortController | undefined;
  #cancelTimer: Cancel | undefined;

  constructor(parts: LimitParts) {
    this.#parts = parts;
  }

  /** Aborts when the time is over or the reconcile is abandoned. */
  get signal(): AbortSignal {
    return (this.#controller ?? this.#arm()).signal;
  }

  /** The reconcile has ended. */
  clear(): void {
    this.#cancelTimer?.();
    if (this.#controller !== undefined) this.#parts.abandon.removeEventListener('abort', this.#onAbandon);
  }

  readonly #onAbandon = (): void => this.#controller?.abort();

  #arm(): AbortController {
    const { clock, endsAtMs, abandon, onTimeout } = this.#parts;
    const controller = new AbortController();
    this.#controller = controller;
    this.#cancelTimer = clock.after(endsAtMs - clock.monotonic(), () => {
      onTimeout();
      controller.abort();
    });
    if (abandon.aborted) controller.abort();
    else abandon.addEventListener('abort', this.#onAbandon, { once: true });
    return controller;
  }
}

interface LimitParts {
  readonly clock: TimerClock;
  /** Monotonic time. */
  readonly endsAtMs: number;
  readonly abandon: AbortSignal;
  readonly onTimeout: () => void;
}

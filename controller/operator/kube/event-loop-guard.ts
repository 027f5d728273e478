import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface EventLoopGuardOptions {
  /** A delay this long makes the process unfit: lease renewal and health checks cannot keep up with it. Default 5 s. */
  mostDelayMs?: number;
}

const MOST_DELAY_MS = 5_000;
/** How finely delays are seen; coarse, because each sample wakes the process. */
const RESOLUTION_MS = 100;
/** A single long pause is history; liveness fails only when the loop was blocked between every two probes. */
const MOST_BAD_PROBES = 2;

/**
 * Watches how late the event loop runs, for a liveness check. Two probes in a row that each saw a delay above the limit
 * fail it; one does not, since a restart would only add to the trouble.
 */
export class EventLoopGuard {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #mostDelayMs: number;
  #badProbes = 0;

  constructor({ mostDelayMs = MOST_DELAY_MS }: EventLoopGuardOptions = {}) {
    this.#mostDelayMs = mostDelayMs;
    this.#histogram.enable();
  }

  /** For `HealthServer`: undefined, or what is wrong. Each call looks at the time since the one before. */
  check(): string | undefined {
    const worstMs = this.#histogram.max / 1e6 - RESOLUTION_MS;
    this.#histogram.reset();
    this.#badProbes = worstMs > this.#mostDelayMs ? this.#badProbes + 1 : 0;
    if (this.#badProbes < MOST_BAD_PROBES) return undefined;
    return `the event loop was blocked for ${Math.round(worstMs)} ms, more than ${this.#mostDelayMs} ms, again and again`;
  }

  stop(): void {
    this.#histogram.disable();
  }
}

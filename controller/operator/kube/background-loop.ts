import type { TimerClock } from './clock.ts';

/**
 * Does something again and again beside everything else, until it is stopped.
 *
 *     const loop = new BackgroundLoop(clock, async (signal) => { …; return 1_000; });
 *     loop.start();  await loop.stop();
 */
export class BackgroundLoop {
  readonly #clock: Pick<TimerClock, 'sleep'>;
  readonly #turn: (signal: AbortSignal) => Promise<number>;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  /** `turn` answers how long to pause after it, ms. It must not reject. */
  constructor(clock: Pick<TimerClock, 'sleep'>, turn: (signal: AbortSignal) => Promise<number>) {
    this.#clock = clock;
    this.#turn = turn;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Resolves when the turn that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) await this.#clock.sleep(await this.#turn(signal), signal);
  }
}

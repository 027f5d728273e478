/**
 * A difference between the server's clock and this machine's steady clock that needs no explanation, ms. The scripts use the same:
 * lua/include/steady-clock.lua.
 */
const TOLERANCE_MS = 2_000;
/** The uptime counts whole seconds: what differs by less is not sleep. */
const UPTIME_STEP_MS = 1_500;

/** One look at the server's clock, between two readings of this machine's own. */
export interface ClockSample {
  readonly serverMs: number;
  /** Added to the server's time to make the steady time. */
  readonly correctionMs: number;
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

/** Clocks of this machine that nobody sets. */
export interface OwnClocks {
  /** Exact, but may stand still while the machine sleeps. */
  monotonicMs(): number;
  /** In seconds, but goes on while the machine sleeps. */
  uptimeSeconds(): number;
}

/**
 * A window of usage must not end early because somebody set the server's clock. So quotas are kept by a steady time: the server's
 * time and a correction, which is changed by each jump that a client notices, and kept in the ledger.
 */
export class SteadyClock {
  readonly #clocks: OwnClocks;
  readonly #startMs: number;
  #last: ClockSample | undefined;
  #lastMonotonicMs = 0;

  constructor(clocks: OwnClocks) {
    this.#clocks = clocks;
    this.#startMs = clocks.uptimeSeconds() * 1_000 - clocks.monotonicMs();
  }

  get correctionMs(): number {
    return this.#last?.correctionMs ?? 0;
  }

  /** This machine's time for samples: exact while it is awake, and it counts what it slept. */
  read(): number {
    const monotonicMs = this.#clocks.monotonicMs();
    const sleptMs = this.#clocks.uptimeSeconds() * 1_000 - monotonicMs - this.#startMs;
    return monotonicMs + (sleptMs > UPTIME_STEP_MS ? sleptMs : 0);
  }

  /** The steady time that the ledger should show now. */
  expectedMs(): number {
    if (this.#last === undefined) return 0;
    const { serverMs, correctionMs } = this.#last;
    return Math.round(serverMs + correctionMs + this.#clocks.monotonicMs() - this.#lastMonotonicMs);
  }

  /** Takes a sample; answers by how much the clock jumped since the one before, ms, 0 when the time between explains it. */
  observe(sample: ClockSample): number {
    const jumpMs = this.#last === undefined ? 0 : jumpBetween(this.#last, sample);
    if (jumpMs !== 0) return jumpMs;
    this.#last = sample;
    this.#lastMonotonicMs = this.#clocks.monotonicMs();
    return 0;
  }
}

function jumpBetween(last: ClockSample, sample: ClockSample): number {
  const passedMs = sample.serverMs + sample.correctionMs - last.serverMs - last.correctionMs;
  const atLeastMs = sample.sentAtMs - last.receivedAtMs;
  const atMostMs = sample.receivedAtMs - last.sentAtMs;
  if (passedMs > atMostMs + TOLERANCE_MS) return Math.round(passedMs - atMostMs);
  return passedMs < atLeastMs - TOLERANCE_MS ? Math.round(passedMs - atLeastMs) : 0;
}

export interface TokenBucketOptions {
  /** Tokens there can be at most, and are at first. */
  capacity: number;
  perSecond: number;
}

/** Lets through `capacity` at once and `perSecond` in the long run. Pure but for its own count: the time is given. */
export class TokenBucket {
  readonly #options: TokenBucketOptions;
  #tokens: number;
  #atMs: number | undefined;

  constructor(options: TokenBucketOptions) {
    this.#options = options;
    this.#tokens = options.capacity;
  }

  /** Takes a token if there is one. */
  take(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How long until there is a token; 0 when there is one. */
  waitMs(nowMs: number): number {
    this.#refill(nowMs);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / this.#options.perSecond) * 1000;
  }

  #refill(nowMs: number): void {
    const { capacity, perSecond } = this.#options;
    const elapsedMs = nowMs - (this.#atMs ?? nowMs);
    // Sums of many small refills would fall short of a whole token by a rounding error.
    const tokens = this.#tokens + (elapsedMs / 1000) * perSecond + Number.EPSILON;
    this.#tokens = Math.min(capacity, tokens);
    this.#atMs = nowMs;
  }
}

import { Redis } from 'ioredis';

export interface SentinelWatchParts {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** As the Sentinels call the primary. */
  readonly name: string;
  /** Pause before a Sentinel that is away is tried again, ms. */
  readonly retryStrategy: (attempt: number) => number;
  /** Another server is the primary now. */
  readonly onSwitch: () => void;
}

/** What a Sentinel publishes when a fail-over is done: `NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT`. */
const CHANNEL = '+switch-master';

/**
 * Hears of fail-overs from the Sentinels. The connection to an old primary does not break by itself when only the Sentinels lost sight of it,
 * or when it comes back after it stood still: it takes writes, all of them lost, until it is told to be a replica (10 s later by default).
 */
export class SentinelWatch {
  readonly #parts: SentinelWatchParts;
  #clients: readonly Redis[] = [];

  constructor(parts: SentinelWatchParts) {
    this.#parts = parts;
  }

  begin(): void {
    if (this.#clients.length > 0) return;
    this.#clients = this.#parts.sentinels.map((address) => this.#listen(address));
  }

  end(): void {
    for (const client of this.#clients) client.disconnect();
    this.#clients = [];
  }

  #listen(address: { readonly host: string; readonly port: number }): Redis {
    const { retryStrategy, name, onSwitch } = this.#parts;
    const client = new Redis({
      ...address,
      retryStrategy,
      enableReadyCheck: false,
      maxRetriesPerRequest: null,
    });
    // One that is away is tried again; the others tell.
    client.on('error', () => undefined);
    client.on('message', (_channel: string, text: string) => {
      if (text.startsWith(`${name} `)) onSwitch();
    });
    void client.subscribe(CHANNEL).catch(() => undefined);
    return client;
  }
}

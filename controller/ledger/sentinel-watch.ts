import { Redis, type RedisOptions } from 'ioredis';

export interface SentinelAddress {
  readonly host: string;
  readonly port: number;
}

/** What the Sentinels themselves ask for, apart from the Redis that they watch. */
export interface SentinelAccess {
  readonly username?: string;
  readonly password?: string;
  readonly tls?: NonNullable<RedisOptions['tls']>;
}

export interface SentinelWatchParts {
  readonly sentinels: readonly SentinelAddress[];
  readonly access: SentinelAccess;
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
 * The client's own detector stays connected when the client is closed, and prints every Sentinel that is away.
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

  #listen(address: SentinelAddress): Redis {
    const { access, retryStrategy, name, onSwitch } = this.#parts;
    const client = new Redis({
      ...address,
      ...access,
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

/**
 * Has the client ask the Sentinels anew for the primary. While it connects it may have their old answer, but a client that is told to leave
 * then ends for good: it leaves once it is connected. One whose connection is not ready leaves at once, since the old primary may stand still
 * and never answer. One that has no connection asks them anyway.
 */
export function leavePrimary(client: Redis): void {
  const leave = (): void => client.disconnect(true);
  if (client.status === 'ready' || client.status === 'connect') leave();
  else if (client.status === 'connecting') client.once('ready', leave);
}

/**
 * Connections that are opened to one service at a time. More at once, as when a sender begins with thousands of mailboxes, do not fit into the
 * line of a server (511 in Node, 128 in many) and time out, and the handshakes leave this process no time for anything else.
 */
export const MOST_CONNECTING = 128;

/** Lets connections to the same service be opened a few at a time, in the order in which they are asked for. */
export class ConnectTurns {
  readonly #services = new Map<string, { open: number; readonly waiting: (() => void)[] }>();

  /** True while who wants a new connection to the service has to wait. */
  areTaken(service: string): boolean {
    return (this.#services.get(service)?.open ?? 0) >= MOST_CONNECTING;
  }

  /** Runs `connect` when it is its turn. */
  async take<Answer>(service: string, connect: () => Promise<Answer>): Promise<Answer> {
    const line = this.#services.get(service) ?? { open: 0, waiting: [] };
    this.#services.set(service, line);
    // Who ends hands its turn to the one that waits longest, so nobody overtakes.
    if (line.open < MOST_CONNECTING) line.open += 1;
    else await new Promise<void>((resolve) => line.waiting.push(resolve));
    try {
      return await connect();
    } finally {
      const next = line.waiting.shift();
      if (next) next();
      else line.open -= 1;
    }
  }
}

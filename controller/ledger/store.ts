import { LedgerLost } from '../domain/ports/ledger.ts';
import { ledgerFailure } from './failure.ts';
import type { LedgerIdentity } from './identity.ts';
import type { Keys } from './keys.ts';
import type { Argument, RedisClient, ScriptRunner } from './scripts.ts';

/** What every adapter works with: scripts and plain commands, each after a look at the ledger's identity. */
export class Store {
  readonly keys: Keys;
  readonly identity: LedgerIdentity;
  readonly #client: RedisClient;
  readonly #runner: ScriptRunner;

  constructor(parts: { client: RedisClient; runner: ScriptRunner; keys: Keys; identity: LedgerIdentity }) {
    this.#client = parts.client;
    this.#runner = parts.runner;
    this.keys = parts.keys;
    this.identity = parts.identity;
  }

  /** Runs a script. */
  async run(name: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    await this.identity.verify();
    return this.#runner.run(name, keys, args).catch((error: unknown) => this.#fail(error));
  }

  /** Runs a script that guards its tag: the ledger's id and whether `tag` is known to be in use come first in ARGV. */
  async runGuarded(
    name: string,
    tag: string,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    await this.identity.verify();
    const guard = [this.identity.id, this.identity.seen(tag)];
    return this.#runner.run(name, keys, [...guard, ...args]).catch((error: unknown) => this.#fail(error));
  }

  /** Runs plain commands of the client. */
  async ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    await this.identity.verify();
    try {
      return await command(this.#client);
    } catch (error) {
      throw ledgerFailure(error);
    }
  }

  /** The ledger's clock, ms since the epoch. */
  async now(): Promise<number> {
    const [seconds, microseconds] = await this.ask((client) => client.time());
    return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
  }

  #fail(error: unknown): never {
    if (error instanceof LedgerLost) this.identity.declareLost(error);
    throw error;
  }
}

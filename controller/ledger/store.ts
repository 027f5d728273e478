import { LedgerLost } from '../domain/ports/ledger.ts';
import { throwLedgerFailure } from './failure.ts';
import type { LedgerIdentity } from './identity.ts';
import type { Keys } from './keys.ts';
import { list, number } from './reply.ts';
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
  run(name: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#whenVerified(() => this.#runner.run(name, keys, args));
  }

  /** Runs a script that guards its tag: the ledger's id and whether `tag` is known to be in use come first in ARGV. */
  runGuarded(
    name: string,
    tag: string,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    return this.#whenVerified(() =>
      this.#runner.run(name, keys, [this.identity.ids, this.identity.seen(tag), ...args]),
    );
  }

  /** Runs plain commands of the client. */
  ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return this.#whenVerified(() => command(this.#client).catch(throwLedgerFailure));
  }

  /** The ledger's clock, ms since the epoch. */
  async now(): Promise<number> {
    const [now] = list(await this.run('ledger-look', [this.keys.identity()], []));
    return number(now);
  }

  /** Most calls need not wait for a look: they are sent in the same turn, so that many go out together. */
  #whenVerified<T>(call: () => Promise<T>): Promise<T> {
    const look = this.identity.verify();
    const answer = look === undefined ? call() : look.then(call);
    return answer.catch((error: unknown) => {
      throw error instanceof LedgerLost ? this.identity.declareLost(error) : error;
    });
  }
}

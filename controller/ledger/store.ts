import { LedgerLost } from '../domain/ports/ledger.ts';
import { throwLedgerFailure } from './failure.ts';
import type { LedgerIdentity, Purpose } from './identity.ts';
import type { Continuity } from './tail/continuity.ts';
import type { Keys } from './keys.ts';
import { list, number } from './reply.ts';
import type { Argument, RedisClient, ScriptRunner } from './scripts.ts';

/** What hands something out: a claim, the way to the wire, a reservation, or what a sender held that seems to be dead. */
const HANDS_OUT: ReadonlySet<string> = new Set(['queue-claim', 'queue-begin', 'quota-reserve', 'queue-dead']);

export interface StoreParts {
  readonly client: RedisClient;
  readonly runner: ScriptRunner;
  readonly keys: Keys;
  readonly identity: LedgerIdentity;
  /** Waited for by every call; without it none waits: so the ledger is told what it may have lost. */
  readonly continuity?: Continuity;
  readonly purpose?: Purpose;
}

/**
 * What every adapter works with: scripts and plain commands, each after a look at the ledger's identity, and not before the ledger knows
 * again what it may have lost.
 */
export class Store {
  readonly keys: Keys;
  readonly identity: LedgerIdentity;
  /** Whether all keys are on one node: only there one script call may use keys of several hash tags. */
  readonly isOneNode: boolean;
  readonly #client: RedisClient;
  readonly #runner: ScriptRunner;
  readonly #continuity: Continuity | undefined;
  readonly #purpose: Purpose | undefined;

  constructor(parts: StoreParts) {
    this.#continuity = parts.continuity;
    this.#purpose = parts.purpose;
    this.#client = parts.client;
    this.isOneNode = !parts.client.isCluster;
    this.#runner = parts.runner;
    this.keys = parts.keys;
    this.identity = parts.identity;
  }

  /** Runs a script. */
  run(name: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#whenReady(name, () => this.#runner.run(name, keys, args));
  }

  /** Runs a script that guards its tag: the ledger's id and whether `tag` is known to be in use come first in ARGV. */
  runGuarded(
    name: string,
    tag: string,
    keys: readonly string[],
    args: readonly Argument[],
  ): Promise<unknown> {
    return this.#whenReady(name, () =>
      this.#runner.run(name, keys, [this.identity.ids, this.identity.seen(tag), ...args]),
    );
  }

  /** Runs plain commands of the client. */
  ask<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    return this.#whenReady('', () => command(this.#client).catch(throwLedgerFailure));
  }

  /** The ledger's clock, ms since the epoch. */
  async now(): Promise<number> {
    const [now] = list(await this.run('ledger-look', [this.keys.identity()], []));
    return number(now);
  }

  /** Most calls need not wait for a look: they are sent in the same turn, so that many go out together. */
  #whenReady<T>(name: string, call: () => Promise<T>): Promise<T> {
    const told = HANDS_OUT.has(name) ? this.#continuity?.settled() : this.#continuity?.restored();
    const verify = () => this.identity.verify(this.#purpose);
    const look = told === undefined ? verify() : told.then(verify);
    const answer = look === undefined ? call() : look.then(call);
    return answer.catch((error: unknown) => {
      throw error instanceof LedgerLost ? this.identity.declareLost(error) : error;
    });
  }
}

import { randomUUID } from 'node:crypto';
import { LedgerLost } from '../domain/ports/ledger.ts';
import { ledgerFailure, lostMessage } from './failure.ts';
import type { RedisClient } from './scripts.ts';

/** Version of the ledger's keys and scripts. A ledger of a higher version is refused. */
export const LEDGER_SCHEMA_VERSION = 1;
/** How old the last look at the identity may be when a call is made, ms. `begin` checks its own tag besides. */
const FRESH_MS = 250;

type Found = readonly [id: string, replaces: string, schema: string];

/**
 * Knows which ledger this is and notices when it is not there any more. Every ledger has an id; every pool and namespace carries it.
 * Once this process has seen it, its absence means a loss (FLUSHALL, an empty disk, the wrong server), and every call
 * rejects with LedgerLost until a person confirms.
 */
export class LedgerIdentity {
  readonly #client: RedisClient;
  readonly #key: string;
  /** Until when a tag must exist, by the monotonic clock of this process. */
  readonly #inUse = new Map<string, number>();
  #id = '';
  #replaced = '';
  #lost: LedgerLost | undefined;
  #checkedAt = -Infinity;
  #check: Promise<void> | undefined;

  constructor(client: RedisClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  /** The ledger's id. */
  get id(): string {
    return this.#id;
  }

  /** The id of the lost ledger that this one replaces, empty when none: what carries it is taken over, not refused. */
  get replaced(): string {
    return this.#replaced;
  }

  /** Finds out which ledger this is; an empty Redis becomes a new one. Rejects one of a newer schema. */
  async open(): Promise<void> {
    await this.#ask(async () => {
      await this.#client.hsetnx(this.#key, 'id', randomUUID());
      await this.#client.hsetnx(this.#key, 'schema', LEDGER_SCHEMA_VERSION);
    });
    this.#adopt(await this.#read());
  }

  /** '1' while the tag must exist, for the scripts' own check. */
  seen(tag: string): '0' | '1' {
    return (this.#inUse.get(tag) ?? 0) > performance.now() ? '1' : '0';
  }

  /** Remembers that the tag is in use, for `lifetimeMs` from now. */
  note(tag: string, lifetimeMs = Infinity): void {
    this.#inUse.set(tag, performance.now() + lifetimeMs);
  }

  /** Rejects with LedgerLost when the ledger is not the one that was opened. Looks at most every 250 ms. */
  async verify(): Promise<void> {
    if (performance.now() - this.#checkedAt >= FRESH_MS) {
      this.#check ??= this.#look().finally(() => (this.#check = undefined));
      await this.#check;
    }
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Stops everything from now on: a script found its tag empty. */
  declareLost(error: LedgerLost): void {
    this.#lost ??= error;
  }

  /** A person accepts the loss: what is there now becomes the ledger. Other processes that lost the same one learn of it. */
  async confirmLoss(): Promise<void> {
    const [present] = await this.#read();
    if (present === '' || present === this.#id) {
      const fields = { id: randomUUID(), schema: LEDGER_SCHEMA_VERSION, replaces: this.#id };
      await this.#ask(() => this.#client.hset(this.#key, fields));
    }
    this.#takeOver(await this.#read());
  }

  async #look(): Promise<void> {
    const found = await this.#read();
    const [id, replaces] = found;
    if (id !== this.#id && replaces === this.#id) this.#takeOver(found);
    if (id !== this.#id) {
      const what = `the ledger ${this.#id} is gone${id === '' ? '' : `, ${id} is in its place`}`;
      this.#lost ??= new LedgerLost(lostMessage(what));
    }
    this.#checkedAt = performance.now();
  }

  #takeOver(found: Found): void {
    this.#replaced = this.#id;
    this.#inUse.clear();
    this.#lost = undefined;
    this.#adopt(found);
  }

  #adopt([id, , schema]: Found): void {
    if (Number(schema) > LEDGER_SCHEMA_VERSION) {
      throw new Error(
        `the ledger ${id} has schema ${schema}, this program knows ${LEDGER_SCHEMA_VERSION}: run a newer mailers, or use another Redis`,
      );
    }
    this.#id = id;
    this.#checkedAt = performance.now();
  }

  async #read(): Promise<Found> {
    const [id, replaces, schema] = await this.#ask(() =>
      this.#client.hmget(this.#key, 'id', 'replaces', 'schema'),
    );
    return [id ?? '', replaces ?? '', schema ?? ''];
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      throw ledgerFailure(error);
    }
  }
}

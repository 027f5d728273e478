import { randomUUID } from 'node:crypto';
import { LedgerLost, LedgerUnavailable } from '../domain/ports/ledger.ts';
import { ledgerFailure, lostMessage } from './failure.ts';
import { list, number, optionalNumber, text } from './reply.ts';
import type { RedisClient, ScriptRunner } from './scripts.ts';
import type { SteadyClock } from './steady-clock.ts';

/** Version of the ledger's keys and scripts. A ledger of a higher version is refused. */
const LEDGER_SCHEMA_VERSION = 1;
/** How old the last look at the ledger may be when a call is made, ms. `begin` checks its own tag besides. */
const FRESH_MS = 250;
/** Lost ledgers that a ledger remembers to replace. */
const PREDECESSORS = 10;
/** Looks that a jump of the clock may take: one to notice it, one to see it corrected, and one more when another client was first. */
const LOOKS = 3;

interface Found {
  readonly id: string;
  readonly replaces: string;
  readonly schema: number;
}

/**
 * Knows which ledger this is and notices when it is not there any more. Every ledger has an id; every pool and namespace carries it.
 * Once this process has seen it, its absence means a loss (FLUSHALL, an empty disk, the wrong server), and every call
 * rejects with LedgerLost until a person confirms.
 */
export class LedgerIdentity {
  readonly clock: SteadyClock;
  readonly #client: RedisClient;
  readonly #runner: ScriptRunner;
  readonly #key: string;
  /** Until when a tag must exist, by the monotonic clock of this process. */
  readonly #inUse = new Map<string, number>();
  #id = '';
  #ids = '';
  #lost: LedgerLost | undefined;
  #checkedAt = -Infinity;
  #check: Promise<void> | undefined;

  constructor(parts: { client: RedisClient; runner: ScriptRunner; key: string; clock: SteadyClock }) {
    this.#client = parts.client;
    this.#runner = parts.runner;
    this.#key = parts.key;
    this.clock = parts.clock;
  }

  /** The ledger's id. */
  get id(): string {
    return this.#id;
  }

  /** The ledger's id, and after commas those of lost ledgers that a person let it replace: what carries one survived the loss. */
  get ids(): string {
    return this.#ids;
  }

  /** Finds out which ledger this is; an empty Redis becomes a new one. Rejects one of a newer schema. */
  async open(): Promise<void> {
    await this.#ask(() => this.#client.hsetnx(this.#key, 'id', randomUUID()));
    await this.#ask(() => this.#client.hsetnx(this.#key, 'schema', LEDGER_SCHEMA_VERSION));
    this.#adopt(await this.#look());
  }

  /** '1' while the tag must exist, for the scripts' own check. */
  seen(tag: string): '0' | '1' {
    return (this.#inUse.get(tag) ?? 0) > performance.now() ? '1' : '0';
  }

  /** Remembers that the tag is in use, for `lifetimeMs` from now. */
  note(tag: string, lifetimeMs = Infinity): void {
    this.#inUse.set(tag, performance.now() + lifetimeMs);
  }

  /**
   * Rejects with LedgerLost when the ledger is not the one that was opened. Looks at most every 250 ms; undefined when the last look is
   * fresh and good: no call needs to wait.
   */
  verify(): Promise<void> | undefined {
    const isFresh = performance.now() - this.#checkedAt < FRESH_MS;
    return isFresh && this.#lost === undefined ? undefined : this.#verify(isFresh);
  }

  /** Looks again: a script found the clock moved. */
  async lookAgain(): Promise<void> {
    this.#checkedAt = -Infinity;
    await this.#verify(false);
  }

  /** Stops everything from now on: a script found its tag empty. Answers the error that names the ledger and the way out. */
  declareLost(error: LedgerLost): LedgerLost {
    this.#lost ??= this.#withRemedy(error);
    return this.#lost;
  }

  /**
   * A person accepts the loss: what is there now becomes the ledger. Other processes that lost the same one learn of it. `lost`: id of the
   * ledger that is gone, for a process that never saw it.
   */
  async confirmLoss(lost?: string): Promise<void> {
    const { id } = await this.#look();
    if (id === '' || id === this.#id) {
      const ids = [...(lost === undefined ? [] : [lost]), ...this.#ids.split(',')];
      const replaces = ids.slice(0, PREDECESSORS).join(',');
      const fields = { id: randomUUID(), schema: LEDGER_SCHEMA_VERSION, replaces };
      await this.#ask(() => this.#client.hset(this.#key, fields));
    }
    this.#takeOver(await this.#look());
  }

  async #verify(isFresh: boolean): Promise<void> {
    if (!isFresh) {
      this.#check ??= this.#compare().finally(() => (this.#check = undefined));
      await this.#check;
    }
    if (this.#lost !== undefined) throw this.#lost;
  }

  async #compare(): Promise<void> {
    const found = await this.#look();
    if (found.id !== this.#id && found.replaces.split(',').includes(this.#id)) this.#takeOver(found);
    if (found.id !== this.#id) {
      const instead = found.id === '' ? '' : `, ${found.id} is in its place`;
      this.#lost ??= this.#withRemedy(
        new LedgerLost(lostMessage(`the ledger ${this.#id} is gone${instead}`)),
      );
    }
    this.#checkedAt = performance.now();
  }

  #withRemedy(error: LedgerLost): LedgerLost {
    return new LedgerLost(`${error.message} (mailers ledger confirm --lost ${this.#id})`, { cause: error });
  }

  #takeOver(found: Found): void {
    this.#inUse.clear();
    this.#lost = undefined;
    this.#adopt(found);
  }

  #adopt({ id, replaces, schema }: Found): void {
    if (schema > LEDGER_SCHEMA_VERSION) {
      throw new Error(
        `the ledger ${id} has schema ${schema}, this program knows ${LEDGER_SCHEMA_VERSION}: run a newer mailers, or use another Redis`,
      );
    }
    this.#id = id;
    this.#ids = replaces === '' ? id : `${id},${replaces}`;
    this.#checkedAt = performance.now();
  }

  /** Reads the identity and the clock; a jump of the clock is corrected before it answers. */
  async #look(): Promise<Found> {
    for (let look = 1; look <= LOOKS; look += 1) {
      const sentAtMs = this.clock.read();
      const [now, id, replaces, schema, correction] = list(
        await this.#runner.run('ledger-look', [this.#key], []),
      );
      const correctionMs = optionalNumber(correction) ?? 0;
      const sample = { serverMs: number(now), correctionMs, sentAtMs, receivedAtMs: this.clock.read() };
      const jumpMs = this.clock.observe(sample);
      if (jumpMs === 0)
        return { id: text(id), replaces: text(replaces), schema: optionalNumber(schema) ?? 0 };
      await this.#runner.run('ledger-correct-clock', [this.#key], [correctionMs, correctionMs - jumpMs]);
    }
    throw new LedgerUnavailable(
      "ledger unavailable: the clock of Redis jumps all the time; check the time service of Redis' machine",
    );
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      throw ledgerFailure(error);
    }
  }
}

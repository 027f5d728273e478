import clusterSlot from 'cluster-key-slot';
import { Cluster } from 'ioredis';
import { throwLedgerFailure } from './failure.ts';
import type { Keys } from './keys.ts';
import type { FoundLedger } from './ledger-look.ts';
import type { RedisClient, ScriptRunner } from './scripts.ts';
import { WRITTEN_AFTER_MS } from './tail/recent.ts';

/** Numbers that are tried for a witness on each primary: one that has four of the 16,384 slots is found among them but for 1 in 10 million. */
const TRIES = 65_536;

export interface WitnessParts {
  readonly client: RedisClient;
  readonly runner: ScriptRunner;
  readonly keys: Pick<Keys, 'identity' | 'witness'>;
  /** A clock that never goes back. */
  readonly monotonicMs: () => number;
}

/**
 * Keys that show that no node of a Redis Cluster lost its content, one on every primary: a process that has just begun knows nothing of what
 * was there but the ledger's id, and the node that lost everything need not be the one that holds it. The identity names them. A slot takes its
 * witness along when it moves; a primary that is left without one, or came with a few slots, gets another. One server needs none: what lost
 * them has lost the identity as well.
 */
export class Witnesses {
  readonly #parts: WitnessParts;
  /** Witnesses that are written but not yet named, since when: the last writes of a server may be lost without the ledger being lost. */
  #planted = new Map<number, number>();
  #ledgerId = '';
  /** Primaries for which no number was found: all keys of a prefix with braces are in one slot. */
  #hopeless: ReadonlySet<string> = new Set();

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  /** Which witness of the ledger is not there, in words; undefined = all are. Rejects with LedgerUnavailable when a node does not answer. */
  async missing(found: FoundLedger): Promise<string | undefined> {
    const values = await Promise.all(found.witnesses.map((number) => this.#read(number)));
    const index = values.findIndex((value) => !isOf(found, value));
    const number = found.witnesses[index];
    if (number === undefined) return undefined;
    const value = values[index] ?? null;
    const what = value === null ? 'is gone' : `belongs to the ledger ${value}`;
    return `a node of the Redis Cluster lost its keys: ${this.#parts.keys.witness(number)} ${what}`;
  }

  /** Sees to it that every primary has a witness. Only for a ledger that is complete. */
  async spread(found: FoundLedger): Promise<void> {
    const { client } = this.#parts;
    if (!(client instanceof Cluster)) return;
    if (this.#ledgerId !== found.id) this.#planted.clear();
    this.#ledgerId = found.id;
    await this.#name(found);
    const primaryOf = (number: number) =>
      client.slots[clusterSlot(this.#parts.keys.witness(number))]?.[0] ?? '';
    const bare = new Set(client.slots.map((nodes) => nodes?.[0] ?? ''));
    for (const number of [...found.witnesses, ...this.#planted.keys()]) bare.delete(primaryOf(number));
    for (const primary of ['', ...this.#hopeless]) bare.delete(primary);
    for (let number = 0; bare.size > 0 && number < TRIES; number += 1) {
      if (bare.delete(primaryOf(number))) await this.#plant(number, found);
    }
    if (bare.size > 0) this.#hopeless = new Set([...this.#hopeless, ...bare]);
  }

  async #plant(number: number, { id }: FoundLedger): Promise<void> {
    const { client, keys, monotonicMs } = this.#parts;
    await client.set(keys.witness(number), id).catch(throwLedgerFailure);
    this.#planted.set(number, monotonicMs());
  }

  /** Names those in the identity that were written long enough ago; one that was lost meanwhile is written again. */
  async #name(found: FoundLedger): Promise<void> {
    const { runner, keys, monotonicMs } = this.#parts;
    const kept: number[] = [];
    for (const [number, atMs] of this.#planted) {
      if (monotonicMs() - atMs < WRITTEN_AFTER_MS) continue;
      if (isOf(found, await this.#read(number))) kept.push(number);
      else this.#planted.delete(number);
    }
    if (kept.length === 0) return;
    await runner.run('ledger-witness', [keys.identity()], [found.id, ...kept]);
    for (const number of kept) this.#planted.delete(number);
  }

  #read(number: number): Promise<string | null> {
    const { client, keys } = this.#parts;
    return client.get(keys.witness(number)).catch(throwLedgerFailure);
  }
}

function isOf({ id, replaces }: FoundLedger, value: string | null): boolean {
  return value !== null && (value === id || replaces.includes(value));
}

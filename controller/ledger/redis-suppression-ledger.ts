import { hash, randomUUID } from 'node:crypto';
import type { Clock } from '../domain/ports/clock.ts';
import { LedgerUnavailable } from '../domain/ports/ledger.ts';
import {
  EARNED_LIST,
  type EarnedEntry,
  type Suppression,
  type SuppressionKeys,
  type SuppressionLedger,
} from '../domain/ports/suppression-ledger.ts';
import { Batchers } from './batcher.ts';
import { list, oneOf, text } from './reply.ts';
import type { Argument } from './scripts.ts';
import type { Store } from './store.ts';

/** Entries written by one command while a list is published. */
const BATCH = 1_000;
/** Recipients that one script call looks for. */
const CHECK_BATCH = 200;
/** A list that was begun to be written aside and never put into force is dropped after this time, ms. */
const ASIDE_TTL_MS = 600_000;

/** Begins the field of a list in the hash of a namespace's lists. */
const LIST_FIELD = 'l/';

/** Whether a recipient is on one of the lists. */
interface Question {
  readonly namespace: string;
  readonly names: readonly string[];
  readonly recipient: SuppressionKeys;
}

/** Suppression in Redis: sets of short hashes. See lua/suppression-*.lua. */
export class RedisSuppressionLedger implements SuppressionLedger {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #ackDelayMs: number;
  readonly #checks = new Batchers((asked: readonly Question[]) => this.#checkAll(asked), CHECK_BATCH);

  /** ackDelayMs: how long `add` waits after its write; longer than GUARD_MAX_AGE_MS. */
  constructor(store: Store, clock: Pick<Clock, 'sleep'>, ackDelayMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#ackDelayMs = ackDelayMs;
  }

  async publish(
    namespace: string,
    listName: string,
    entries: {
      readonly revision: string;
      readonly addresses: readonly string[];
      readonly domains: readonly string[];
    },
  ): Promise<void> {
    const { keys, identity } = this.#store;
    const lists = keys.suppressionLists(namespace);
    const inForce = await this.#store.ask((client) => client.hget(lists, `${LIST_FIELD}${listName}`));
    if (inForce === entries.revision) return;
    const { declared, aside } = keys.suppression(namespace, listName);
    const written = aside(randomUUID());
    const all = [...hashesOf('a', entries.addresses), ...hashesOf('d', entries.domains)];
    const hashes = [...new Set(all.map((bytes) => bytes.toString('latin1')))];
    await this.#write(written, hashes);
    const reply = await this.#store.runGuarded(
      'suppression-publish',
      lists,
      [lists, declared, written],
      [listName, entries.revision, hashes.length],
    );
    if (reply === -1) {
      throw new Error(
        `suppression list ${namespace}/${listName}: what was written is incomplete; publish it again`,
      );
    }
    identity.note(lists);
  }

  async add(namespace: string, entry: EarnedEntry): Promise<void> {
    const { keys, identity } = this.#store;
    const lists = keys.suppressionLists(namespace);
    const { earned, log } = keys.suppression(namespace, entry.list);
    const forPeople = JSON.stringify({ address: entry.address, reason: entry.reason });
    await this.#store.runGuarded(
      'suppression-add',
      lists,
      [lists, earned, log],
      [forPeople, ...hashesOf('a', entry.keys.addresses)],
    );
    identity.note(lists);
    await this.#clock.sleep(this.#ackDelayMs);
  }

  async check(
    namespace: string,
    lists: readonly string[],
    recipients: readonly SuppressionKeys[],
  ): Promise<(Suppression | undefined)[]> {
    const names = [...new Set([EARNED_LIST, ...lists])];
    const asked = { namespace, names };
    return Promise.all(
      recipients.map((recipient) =>
        this.#checks.call(`${namespace} ${names.join(' ')}`, { ...asked, recipient }),
      ),
    );
  }

  async forget(namespace: string, listName: string): Promise<void> {
    const lists = this.#store.keys.suppressionLists(namespace);
    const { declared } = this.#store.keys.suppression(namespace, listName);
    await this.#store.ask((client) => client.hdel(lists, `${LIST_FIELD}${listName}`));
    await this.#store.ask((client) => client.unlink(declared));
  }

  async published(namespace: string): Promise<ReadonlyMap<string, string>> {
    const lists = this.#store.keys.suppressionLists(namespace);
    const fields = await this.#store.ask((client) => client.hgetall(lists));
    const inForce = Object.entries(fields).filter(([field]) => field.startsWith(LIST_FIELD));
    return new Map(inForce.map(([field, revision]) => [field.slice(LIST_FIELD.length), revision]));
  }

  async counts(
    namespace: string,
    listName: string,
  ): Promise<{ readonly declared: number; readonly earned: number }> {
    const { declared, log } = this.#store.keys.suppression(namespace, listName);
    const [declaredCount, earnedCount] = await Promise.all([
      this.#store.ask((client) => client.scard(declared)),
      this.#store.ask((client) => client.hlen(log)),
    ]);
    return { declared: declaredCount, earned: earnedCount };
  }

  /** Asks for recipients of one namespace with the same lists. */
  async #checkAll(asked: readonly Question[]): Promise<(Suppression | undefined)[]> {
    const { namespace = '', names = [] } = asked[0] ?? {};
    const { keys, identity } = this.#store;
    const marker = keys.suppressionLists(namespace);
    const listKeys = names.flatMap((name) => {
      const { declared, earned, log } = keys.suppression(namespace, name);
      return [declared, earned, log];
    });
    const entries = asked.flatMap(({ recipient }): Argument[] => {
      const hashes = [...hashesOf('a', recipient.addresses), ...hashesOf('d', recipient.domains)];
      return [recipient.addresses.length, hashes.length, ...hashes];
    });
    const reply = await this.#store
      .runGuarded(
        'suppression-check',
        marker,
        [marker, ...listKeys],
        [EARNED_LIST, names.length, ...names, ...entries],
      )
      .catch((error: unknown) => {
        throw unpublished(namespace, error);
      });
    identity.note(marker);
    return list(reply).map(suppressionOf);
  }

  async #write(key: string, hashes: readonly string[]): Promise<void> {
    for (let from = 0; from < hashes.length; from += BATCH) {
      const batch = hashes.slice(from, from + BATCH).map((text) => Buffer.from(text, 'latin1'));
      await this.#store.ask((client) => client.sadd(key, ...batch));
      await this.#store.ask((client) => client.pexpire(key, ASIDE_TTL_MS));
    }
  }
}

/**
 * Sixteen bytes of SHA-256 per key, addresses (`a`) apart from domains (`d`): an address is not readable in the store, and two never
 * meet by chance.
 */
function hashesOf(kind: 'a' | 'd', keys: readonly string[]): Buffer[] {
  return keys.map((key) => hash('sha256', `${kind}:${key}`, 'buffer').subarray(0, 16));
}

function suppressionOf(reply: unknown): Suppression | undefined {
  const [name, kind, log] = list(reply);
  if (name === undefined) return undefined;
  const found = oneOf(['Declared', 'Earned'], kind);
  return { list: text(name), kind: found, reason: found === 'Earned' ? reasonOf(text(log)) : 'Declared' };
}

function reasonOf(log: string): string {
  return log === '' ? 'Earned' : text((JSON.parse(log) as { reason?: unknown }).reason);
}

function unpublished(namespace: string, error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('UNPUBLISHED ')) return error;
  const name = error.message.slice('UNPUBLISHED '.length);
  return new LedgerUnavailable(
    `suppression list ${namespace}/${name} was never published: nothing is sent without it; publish the list, or take it out of the pool`,
    { cause: error },
  );
}

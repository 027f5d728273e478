import { randomUUID } from 'node:crypto';
import { LedgerAbsent, LedgerLost, LedgerUnavailable } from '../domain/ports/ledger.ts';
import { lostMessage, rewoundMessage } from './failure.ts';
import { idsOf, lookAtLedger, type FoundLedger, type LookParts } from './ledger-look.ts';
import { text } from './reply.ts';
import { LEDGER_SCHEMA_VERSION } from './schema.ts';
import type { SteadyClock } from './steady-clock.ts';
import type { Witnesses } from './witnesses.ts';

/** How old the last look at the ledger may be when a call is made, ms. `begin` checks its own tag besides. */
const FRESH_MS = 250;
/** How often it is looked whether a node of a Redis Cluster lost its keys, ms: each script checks its own tag besides. */
const WITNESS_EVERY_MS = 1_000;
/** Lost ledgers that a ledger remembers to replace. */
const PREDECESSORS = 10;

/** What is remembered of a ledger outside of Redis: its id, and behind it those of the lost ones that it replaces. */
export type LedgerIds = readonly [string, ...string[]];

/** Keeps a ledger's ids. Created: there was none before, and this process has made it. */
export type Remember = (ids: LedgerIds, origin: 'Created' | 'Found') => Promise<void>;

/** What the ledger is wanted for: all that it is there for, or only to tell it what it may have lost. */
export type Purpose = 'Using' | 'Telling';

export interface LedgerIdentityParts extends LookParts {
  /** Brings a ledger of an older schema up to this program's; a no-op for one that is. */
  readonly migrate: (found: FoundLedger) => Promise<void>;
  readonly witnesses: Pick<Witnesses, 'missing' | 'spread'>;
  /** Awaited whenever a ledger becomes ours, before anything is done with it. */
  readonly remember?: Remember | undefined;
  /** Called when another ledger takes the place of ours, which a person let it do. */
  readonly onTakeOver: () => void;
  readonly confirmCommand?: string | undefined;
}

export interface Expectation {
  /** The ledger that was here before, as somebody outside of Redis remembers; undefined = nobody knows of one. */
  readonly expected?: LedgerIds | undefined;
  /** What an empty Redis means when none is expected: it becomes a new ledger, or that is for others to decide. */
  readonly ifEmpty?: 'Create' | 'Refuse' | undefined;
}

/**
 * Knows which ledger this is and notices when it is not there any more. Every ledger has an id; every pool and namespace carries it.
 * Once this process has seen it, or is told of it by somebody who has, its absence means a loss (FLUSHALL, an empty disk, the wrong
 * server), and every call rejects with LedgerLost until a person confirms.
 */
export class LedgerIdentity {
  readonly clock: SteadyClock;
  readonly #parts: LedgerIdentityParts;
  /** Until when a tag must exist, by the monotonic clock of this process. */
  readonly #inUse = new Map<string, { untilMs: number; readonly sinceMs: number }>();
  #id = '';
  #replaces: readonly string[] = [];
  #ids = '';
  /** The ledger is not there: ends when it is there again. */
  #gone: LedgerLost | undefined;
  /** A part of the ledger is not there: ends when a person confirms. */
  #torn: LedgerLost | undefined;
  /** The ledger is there as it was long ago: ends when a person confirms, or a newer state is brought back. Processes may tell it what they know. */
  #rewound: LedgerLost | undefined;
  #checkedAt = -Infinity;
  #seenAt = -Infinity;
  #witnessesAt = -Infinity;
  #check: Promise<void> | undefined;

  constructor(parts: LedgerIdentityParts) {
    this.#parts = parts;
    this.clock = parts.clock;
  }

  /** The ledger's id. */
  get id(): string {
    return this.#id;
  }

  /** Ids of lost ledgers that a person let it replace, the latest first. */
  get replaces(): readonly string[] {
    return this.#replaces;
  }

  /** The ledger's id, and after commas those that it replaces: what carries one of them survived the loss. */
  get ids(): string {
    return this.#ids;
  }

  /**
   * Finds out which ledger this is. One that is not as expected is lost: then every call rejects with LedgerLost. Rejects with LedgerAbsent
   * when there is none and none may be made, and in words when its schema is newer than this program.
   */
  async open({ expected, ifEmpty = 'Create' }: Expectation = {}): Promise<void> {
    let found = await this.#look();
    if (expected !== undefined) {
      const [id, ...replaces] = expected;
      this.#use({ id, replaces });
      if (isAccepted(found, id)) await this.#adopt(found, 'Found');
      else this.#gone = this.#absence(found);
      return;
    }
    let origin: 'Created' | 'Found' = 'Found';
    if (found.id === '') {
      if (ifEmpty === 'Refuse') throw new LedgerAbsent(ABSENT);
      if (await this.#name(found, { id: randomUUID(), replaces: [] })) origin = 'Created';
      found = await this.#look();
    }
    await this.#adopt(found, origin);
  }

  /** '1' while the tag must exist, for the scripts' own check. */
  seen(tag: string): '0' | '1' {
    return (this.#inUse.get(tag)?.untilMs ?? 0) > performance.now() ? '1' : '0';
  }

  /** Remembers that the tag is in use, for `lifetimeMs` from now. */
  note(tag: string, lifetimeMs = Infinity): void {
    const nowMs = performance.now();
    const known = this.#inUse.get(tag);
    if (known === undefined) this.#inUse.set(tag, { sinceMs: nowMs, untilMs: nowMs + lifetimeMs });
    else known.untilMs = nowMs + lifetimeMs;
  }

  /** Tags that were first used after that may be lost without the ledger being lost: it had lost its last writes. */
  forgetSince(timeMs: number): void {
    for (const [tag, { sinceMs }] of this.#inUse) if (sinceMs > timeMs) this.#inUse.delete(tag);
  }

  /** When the ledger was last good for use, and so knew all that it had acknowledged, by the monotonic clock of this process. */
  get seenAtMs(): number {
    return this.#seenAt;
  }

  /**
   * Rejects with LedgerLost when the ledger is not the one that was opened. Looks at most every 250 ms; undefined when the last look is
   * fresh and good: no call needs to wait. A ledger that went back in time is good enough for a `purpose` of Telling.
   */
  verify(purpose: Purpose = 'Using'): Promise<void> | undefined {
    const isFresh = performance.now() - this.#checkedAt < FRESH_MS;
    return isFresh && this.#loss(purpose) === undefined ? undefined : this.#verify(isFresh, purpose);
  }

  /** Looks again: a script found the clock moved. */
  async lookAgain(purpose: Purpose = 'Using'): Promise<void> {
    this.#checkedAt = -Infinity;
    this.#witnessesAt = -Infinity;
    await this.#verify(false, purpose);
  }

  /** Stops everybody from their next look on: the ledger went back in time by so much that its processes cannot tell it what it lost. */
  async declareRewound(id: string, byMs: number): Promise<void> {
    const { runner, key } = this.#parts;
    await runner.run('ledger-rewound', [key], [id, byMs]);
    this.#checkedAt = -Infinity;
  }

  /** Stops everything from now on: a script found its tag empty. Answers the error that names the ledger and the way out. */
  declareLost(error: LedgerLost): LedgerLost {
    const known = this.#loss('Using');
    if (known !== undefined) return known;
    this.#torn = this.#withRemedy(error);
    return this.#torn;
  }

  /**
   * A person accepts the loss: what is there now becomes the ledger. Other processes that lost the same one learn of it. `lost`: id of the
   * ledger that is gone, for a process that never saw it.
   */
  async confirmLoss(lost = this.#id): Promise<void> {
    for (;;) {
      const found = await this.#look();
      const isDone = found.id !== this.#id && found.id !== lost && found.replaces.includes(lost);
      const before = [lost, this.#id, found.id, ...this.#replaces, ...found.replaces];
      const replaces = [...new Set(before.filter((id) => id !== ''))].slice(0, PREDECESSORS);
      if (isDone || (await this.#name(found, { id: randomUUID(), replaces }))) break;
    }
    await this.#takeOver(await this.#look());
  }

  async #verify(isFresh: boolean, purpose: Purpose): Promise<void> {
    if (!isFresh) {
      this.#check ??= this.#compare().finally(() => (this.#check = undefined));
      await this.#check;
    }
    const loss = this.#loss(purpose);
    if (loss !== undefined) throw loss;
    if (purpose === 'Using') this.#seenAt = Math.max(this.#seenAt, this.#checkedAt);
  }

  async #compare(): Promise<void> {
    const found = await this.#look();
    if (found.id === this.#id) await this.#stillThere(found);
    else if (isAccepted(found, this.#id)) await this.#takeOver(found);
    else this.#gone ??= this.#absence(found);
    if (found.schema > LEDGER_SCHEMA_VERSION) throw new LedgerUnavailable(tooNew(found));
    this.#checkedAt = performance.now();
  }

  async #stillThere(found: FoundLedger): Promise<void> {
    this.#gone = undefined;
    this.#rewound = this.#rewindOf(found);
    const isDue = performance.now() - this.#witnessesAt >= WITNESS_EVERY_MS;
    if (!isDue || this.#torn !== undefined) return;
    try {
      this.#torn ??= await this.#partialLoss(found);
      if (this.#torn === undefined) await this.#parts.witnesses.spread(found);
    } catch (error) {
      // A node that does not answer says so to who needs it; its witness is heard when it is back.
      if (!(error instanceof LedgerUnavailable)) throw error;
    } finally {
      this.#witnessesAt = performance.now();
    }
  }

  /** What is missing when a node of a Redis Cluster lost its keys. */
  async #partialLoss(found: FoundLedger): Promise<LedgerLost | undefined> {
    const missing = await this.#parts.witnesses.missing(found);
    return missing === undefined ? undefined : this.#withRemedy(new LedgerLost(lostMessage(missing)));
  }

  #loss(purpose: Purpose): LedgerLost | undefined {
    return this.#gone ?? this.#torn ?? (purpose === 'Using' ? this.#rewound : undefined);
  }

  #absence(found: FoundLedger): LedgerLost {
    const instead = found.id === '' ? '' : `, ${found.id} is in its place`;
    return this.#withRemedy(new LedgerLost(lostMessage(`the ledger ${this.#id} is gone${instead}`)));
  }

  #rewindOf({ id, rewoundByMs }: FoundLedger): LedgerLost | undefined {
    if (rewoundByMs === undefined) return undefined;
    return this.#withRemedy(new LedgerLost(rewoundMessage(id, rewoundByMs)));
  }

  #withRemedy(error: LedgerLost): LedgerLost {
    const { confirmCommand = 'mailers ledger confirm' } = this.#parts;
    return new LedgerLost(`${error.message} (${confirmCommand} --lost ${this.#id})`, { cause: error });
  }

  async #takeOver(found: FoundLedger): Promise<void> {
    this.#inUse.clear();
    this.#parts.onTakeOver();
    await this.#adopt(found, 'Found');
    this.#gone = undefined;
  }

  async #adopt(found: FoundLedger, origin: 'Created' | 'Found'): Promise<void> {
    if (found.schema > LEDGER_SCHEMA_VERSION) throw new Error(tooNew(found));
    await this.#parts.migrate(found);
    const { id } = found;
    const replaces = await this.#inherit(found);
    await this.#parts.remember?.([id, ...replaces], origin);
    this.#use({ id, replaces });
    this.#rewound = this.#rewindOf(found);
    this.#torn = await this.#partialLoss({ ...found, replaces });
    this.#checkedAt = performance.now();
  }

  /** What a lost ledger replaced is replaced by the one in its place, which cannot know of it. Answers all that it replaces. */
  async #inherit({ id, replaces }: FoundLedger): Promise<readonly string[]> {
    const ours = [this.#id, ...this.#replaces].filter((known) => known !== '' && known !== id);
    if (ours.every((known) => replaces.includes(known))) return replaces;
    const { runner, key } = this.#parts;
    return idsOf(text(await runner.run('ledger-inherit', [key], [id, PREDECESSORS, ...ours])));
  }

  #use({ id, replaces }: Pick<FoundLedger, 'id' | 'replaces'>): void {
    this.#id = id;
    this.#replaces = replaces;
    this.#ids = [id, ...replaces].join(',');
  }

  /** Names the ledger when it is still what was found; whether it did. */
  async #name(found: FoundLedger, { id, replaces }: { id: string; replaces: readonly string[] }) {
    const args = [found.id, id, LEDGER_SCHEMA_VERSION, replaces.join(',')];
    return (await this.#parts.runner.run('ledger-name', [this.#parts.key], args)) === 1;
  }

  #look(): Promise<FoundLedger> {
    return lookAtLedger(this.#parts);
  }
}

const ABSENT =
  'There is no ledger in this Redis under this prefix yet: "mailers run" or the operator makes it. Check REDIS_URL and MAILERS_LEDGER_PREFIX';

/** Whether this is the ledger, or one that a person let take its place. */
function isAccepted({ id, replaces }: FoundLedger, expected: string): boolean {
  return id !== '' && (id === expected || replaces.includes(expected));
}

function tooNew({ id, schema }: FoundLedger): string {
  return `the ledger ${id} has schema ${schema}, this program knows ${LEDGER_SCHEMA_VERSION}: run a newer mailers, or use another Redis`;
}

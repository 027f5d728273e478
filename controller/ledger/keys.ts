import type { CampaignKey } from '../domain/ports/audience-ledger.ts';
import type { Constraint, PoolKey, SenderKey } from '../domain/ports/queue-ledger.ts';
import type { QuotaSubject } from '../domain/ports/quota-ledger.ts';

/** Keys of one pool by what they are. */
export type PoolKeys = Readonly<
  Record<
    | 'plan'
    | 'campaigns'
    | 'routes'
    | 'attempts'
    | 'waiting'
    | 'schedule'
    | 'parked'
    | 'limited'
    | 'uncertain'
    | 'settled'
    | 'senders'
    | 'evicted'
    | 'lanes'
    | 'laneStates',
    string
  >
>;

/**
 * Every key of the ledger. All keys of one script call share a hash tag, so that they live on one node of a Redis Cluster (elsewhere one call asks for the quotas of many accounts). Each says how it ends:
 * by its TTL, or by its owner, who deletes it.
 */
export class Keys {
  readonly prefix: string;
  readonly #pools = new Map<string, PoolKeys>();

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /**
   * Hash id, schema, replaces, correctionMs, migratingFrom, lives, livesMs, livesAfter, witnesses, rewound: which ledger this is, and since when on which servers. Owner: the ledger itself, for as long as it exists. The same with
   * `:migrating` (text, TTL) is the lock of a migration.
   */
  identity(): string {
    return `${this.prefix}ledger`;
  }

  /** Text, id of the ledger: shows that the node of a Redis Cluster which holds it has not lost its content. Owner: the ledger itself. */
  witness(number: number): string {
    return `${this.prefix}{w:${number}}:witness`;
  }

  /**
   * Hash, process → its landmark; see tail/landmarks.ts. One for what is on one server, and one beside each witness. Owner: the ledger itself;
   * each new process removes those of processes that are long gone.
   */
  landmarks(witness?: number): string {
    return witness === undefined ? `${this.prefix}landmarks` : `${this.prefix}{w:${witness}}:landmarks`;
  }

  /**
   * Quota of one account. `state`, `hour` (packed counters) and `releases` (ring of numbers): TTL of their window and a week, `state` longer
   * for a warm-up's memory. `restated` (hash, see lua/quota-restate.lua): TTL of an hour. `marks` (hash: stop, throttle, learned limit, flags, held days of a warm-up): TTL of a day, of the stop or of the
   * warm-up's memory, and a week; none while a stop waits for a person or a new Secret (owner: `resume`).
   */
  quota(subject: QuotaSubject) {
    const tag = `${this.prefix}{q:${subject}}`;
    return {
      state: `${tag}:state`,
      hour: `${tag}:hour`,
      marks: `${tag}:marks`,
      releases: `${tag}:releases`,
      restated: `${tag}:restated`,
    };
  }

  /**
   * What one pool has, besides what belongs to one campaign, sender or class. `evicted`: TTL of a day; `lanes`, `laneStates`: TTL of a week
   * after the last heartbeat; `senders`: owner `leave` and `recover`; all others: owner `withdraw`, which starts their retention.
   */
  pool(pool: PoolKey): PoolKeys {
    const tag = this.#poolTag(pool);
    const known = this.#pools.get(tag);
    if (known !== undefined) return known;
    const keys = {
      plan: `${tag}:plan`,
      campaigns: `${tag}:campaigns`,
      routes: `${tag}:routes`,
      attempts: `${tag}:attempts`,
      waiting: `${tag}:waiting`,
      schedule: `${tag}:schedule`,
      parked: `${tag}:parked`,
      limited: `${tag}:limited`,
      uncertain: `${tag}:uncertain`,
      settled: `${tag}:settled`,
      senders: `${tag}:senders`,
      evicted: `${tag}:evicted`,
      lanes: `${tag}:lanes`,
      laneStates: `${tag}:lane-states`,
    };
    this.#pools.set(tag, keys);
    return keys;
  }

  /** Sorted set of waiting messages of one class by due time. Owner: `claim`, which empties it. */
  due(pool: PoolKey, constraint: Constraint): string {
    return `${this.#poolTag(pool)}:due:${classOf(constraint)}`;
  }

  /** Hash token → claim of one sender. Owner: `settle`, and `recover` for a dead sender. */
  claims(sender: SenderKey): string {
    return `${this.#poolTag(sender)}:claims:${sender.senderId}`;
  }

  /** Rows and outcomes of one campaign. Owner: `cancel`, which starts their retention. */
  campaign(key: CampaignKey) {
    const tag = `${this.#poolTag(key)}:campaign:${key.campaign}`;
    return { rows: `${tag}:rows`, outcomes: `${tag}:outcomes` };
  }

  /** Hash NAMESPACE/POOL → empty: plans that a keeper published. Owner: `withdraw`, which takes a pool out. */
  keptPlans(keeper: string): string {
    return `${this.prefix}kept-plans:${keeper}`;
  }

  /** Hash ledger, l/LIST → revision: which lists of a namespace are in force. Owner: `forget` takes a list out. */
  suppressionLists(namespace: string): string {
    return `${this.#suppressionTag(namespace)}:lists`;
  }

  /**
   * One list. `declared` (set): owner `forget`. `earned` (hash entry → first entry of the address) and `log` (hash for people): kept for ever, an opt-out has no end.
   * `aside(nonce)`: TTL, until it becomes `declared`.
   */
  suppression(namespace: string, list: string) {
    const tag = `${this.#suppressionTag(namespace)}:list:${list}`;
    return {
      declared: `${tag}:declared`,
      earned: `${tag}:earned`,
      log: `${tag}:log`,
      aside: (nonce: string) => `${tag}:aside:${nonce}`,
    };
  }

  #poolTag(pool: PoolKey): string {
    return `${this.prefix}{p:${pool.namespace}/${pool.pool}}`;
  }

  #suppressionTag(namespace: string): string {
    return `${this.prefix}{s:${namespace}}`;
  }
}

/** A constraint as the scripts know it: any, esp, or "route ROUTE". */
export function classOf(constraint: Constraint): string {
  return constraint.kind === 'Route' ? `route ${constraint.route}` : constraint.kind.toLowerCase();
}

/** The constraint of a class that a script answered. */
export function constraintOf(name: string): Constraint {
  if (name === 'any') return { kind: 'Any' };
  return name === 'esp' ? { kind: 'Esp' } : { kind: 'Route', route: name.slice('route '.length) };
}

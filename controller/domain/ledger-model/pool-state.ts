import type { AttemptRecord } from '../../api/attempt.ts';
import type { Outcome } from '../../api/outcome.ts';
import type { Plan } from '../../api/plan.ts';
import type { AudienceCounts, AudienceRow } from '../ports/audience-ledger.ts';
import type { LaneState } from '../ports/lane-ledger.ts';
import type { BeginRequest, Constraint, MessageKey, PoolKey, Repeated } from '../ports/queue-ledger.ts';

/** The message may be with the provider. */
export interface OnWire {
  readonly route: string;
  readonly messageId: string;
  readonly beganMs: number;
  /** Its Date, if it carries an idempotency key. */
  readonly keyedMs?: number;
  /** Why the attempt left the preferred kind of route. */
  readonly overflow: string;
}

/** What `begin` noted. */
export interface Begun extends OnWire {
  readonly attempt: BeginRequest['attempt'];
}

/** Where a message is. It is in exactly one place. */
export type Place =
  | { readonly kind: 'Fresh' }
  /** `limit`: the shared limit that it waits for, whatever its time. */
  | { readonly kind: 'Waiting'; readonly dueMs: number; readonly limit?: string }
  | { readonly kind: 'Held'; readonly senderId: string; readonly token: string; readonly wire?: Begun }
  /** `lostAttempt`: serial number of the record that recovery made; undefined = its own sender settled it. */
  | { readonly kind: 'Uncertain'; readonly wire: OnWire; readonly lostAttempt?: number }
  | { readonly kind: 'Ended'; readonly outcome: Exclude<Outcome, 'Deferred' | 'Uncertain'> };

export interface Message {
  readonly key: MessageKey;
  readonly place: Place;
  /** Token of the claim that holds it or settled it; undefined once it was taken away from its holder. */
  readonly token?: string;
  readonly attempts: number;
  readonly firstAttemptMs?: number;
  readonly constraint: Constraint;
  readonly overflow: string;
  /** What it repeats. */
  readonly repeatOf?: Repeated;
  /** Delivered by a second choice of route. */
  readonly isOverflow: boolean;
}

export interface CampaignState {
  rows: AudienceRow[];
  /** Rows that a commit made visible. */
  visibleRows: number;
  revision: string;
  counts: AudienceCounts;
  /** Cancelled as a whole, and not imported since: nothing of it waits again. */
  hasEnded: boolean;
  /** Messages that have not ended. */
  active: number;
  startedMs?: number;
  completedMs?: number;
}

/** Counters of one route. */
export interface RouteTally {
  sent: number;
  deferred: number;
  failed: number;
  suppressed: number;
  uncertain: number;
  overflow: number;
  /** By `code enhancedCode`. */
  readonly replies: Map<string, { code: number; enhancedCode: string; count: number }>;
  lastReply?: { readonly text: string; readonly timeMs: number };
}

/** Everything that the ledger knows about one pool. */
export interface PoolState {
  plan?: Plan;
  /** End of the lease by sender. */
  readonly senders: Map<string, number>;
  readonly evicted: Set<string>;
  readonly lanes: Map<string, { readonly owner: string; readonly fence: number }>;
  readonly laneStates: Map<string, LaneState>;
  lastFence: number;
  readonly campaigns: Map<string, CampaignState>;
  readonly messages: Map<string, Message>;
  readonly routes: Map<string, RouteTally>;
  readonly key: PoolKey;
  /** By serial number, in its order. */
  readonly attempts: Map<number, AttemptRecord>;
  lastAttempt: number;
  lastToken: number;
  /** Tokens of settled claims. */
  readonly settled: Set<string>;
  /** Fresh messages handed out so far: whose turn it is. */
  turn: number;
}

const NO_COUNTS: AudienceCounts = { read: 0, accepted: 0, invalid: 0, duplicate: 0 };

/** The pools of one ledger; one that was never heard of is empty. */
export function createPools(): (key: PoolKey) => PoolState {
  const pools = new Map<string, PoolState>();
  return ({ namespace, pool }) =>
    getOrAdd(pools, `${namespace}/${pool}`, () => emptyPool({ namespace, pool }));
}

/** The campaign's state; one that was never heard of is empty. */
export function campaignOf(pool: PoolState, campaign: string): CampaignState {
  return getOrAdd(pool.campaigns, campaign, () => ({
    rows: [],
    visibleRows: 0,
    revision: '',
    counts: NO_COUNTS,
    hasEnded: false,
    active: 0,
  }));
}

export function tallyOf(pool: PoolState, route: string): RouteTally {
  return getOrAdd(pool.routes, route, () => ({
    sent: 0,
    deferred: 0,
    failed: 0,
    suppressed: 0,
    uncertain: 0,
    overflow: 0,
    replies: new Map(),
  }));
}

export function messageId(key: MessageKey): string {
  return `${key.campaign}/${key.step}/${key.row}`;
}

export function messagesOf(pool: PoolState, campaign: string): Message[] {
  return [...pool.messages.values()].filter((message) => message.key.campaign === campaign);
}

/** A message that nobody has tried yet. */
export function newMessage(key: MessageKey, place: Place): Message {
  return { key, place, attempts: 0, constraint: { kind: 'Any' }, overflow: '', isOverflow: false };
}

/** Stores a message and notes when nothing of its campaign is left to do. */
export function store(pool: PoolState, message: Message, nowMs: number): void {
  const id = messageId(message.key);
  campaignOf(pool, message.key.campaign).active += activity(message) - activity(pool.messages.get(id));
  pool.messages.set(id, message);
  noteCompletion(pool, message.key.campaign, nowMs);
}

/** Notes the time since when nothing of the campaign is left to do, and forgets it when there is something again. */
export function noteCompletion(pool: PoolState, name: string, nowMs: number): void {
  const campaign = campaignOf(pool, name);
  if (campaign.active > 0) delete campaign.completedMs;
  else campaign.completedMs ??= nowMs;
}

function activity(message: Message | undefined): 0 | 1 {
  const kind = message?.place.kind;
  return kind === 'Fresh' || kind === 'Waiting' || kind === 'Held' ? 1 : 0;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const added = make();
  map.set(key, added);
  return added;
}

/** Keeps an attempt record; answers its serial number. */
export function keepRecord(pool: PoolState, record: AttemptRecord): number {
  pool.lastAttempt += 1;
  pool.attempts.set(pool.lastAttempt, record);
  return pool.lastAttempt;
}

function emptyPool(key: PoolKey): PoolState {
  return {
    key,
    senders: new Map(),
    evicted: new Set(),
    lanes: new Map(),
    laneStates: new Map(),
    lastFence: 0,
    campaigns: new Map(),
    messages: new Map(),
    routes: new Map(),
    attempts: new Map(),
    lastAttempt: 0,
    lastToken: 0,
    settled: new Set(),
    turn: 0,
  };
}

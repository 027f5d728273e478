import type { CampaignCounts } from '../../../controller/domain/ports/audience-ledger.ts';
import type { LimitedMessages } from '../../../controller/domain/ports/report-ledger.ts';
import type {
  Claim,
  ClaimBatch,
  ClaimDemand,
  Constraint,
  FollowUp,
  MessageKey,
  SettleRequest,
} from '../../../controller/domain/ports/queue-ledger.ts';

type Place = 'Fresh' | 'Waiting' | 'Held' | 'Uncertain' | 'Delivered' | 'Failed' | 'Suppressed' | 'Cancelled';

interface Entry {
  readonly key: MessageKey;
  place: Place;
  attempts: number;
  dueMs: number;
  constraint: Constraint;
  /** The shared limit that it waits for. */
  limit: string | undefined;
  /** A claim found room in the limit, but may not have had room for this message itself: from then on it may be handed out. */
  isFreed: boolean;
  /** Of the claim that holds it, or that made it Uncertain. */
  token: string;
  isOnWire: boolean;
  /** What is on the wire, or was when it became Uncertain, carries a key. */
  isKeyed: boolean;
  /** It repeats a message that carried one. */
  isRepeat: boolean;
  /** The sender that holds it. */
  owner: string;
  /** True when it is Uncertain because its sender was lost: the sender's own word still counts. */
  isLost: boolean;
  /** Attempt records that it left. */
  records: number;
}

/** What a random history must have led to: one entry per message, kept by plain rules beside the ledger. */
export class QueueBook {
  readonly entries = new Map<string, Entry>();
  /** Campaigns that may send. */
  readonly open = new Set<string>();
  /** Campaigns that were cancelled as a whole: nothing of them waits. */
  readonly #ended = new Set<string>();

  addRows(campaign: string, from: number, to: number): void {
    for (let row = from; row < to; row += 1) this.#add({ campaign, step: 0, row }, 'Fresh', 0);
  }

  /** Entries of a campaign that are in one of the places. */
  in(campaign: string, ...places: readonly Place[]): Entry[] {
    return [...this.entries.values()].filter(
      (entry) => entry.key.campaign === campaign && places.includes(entry.place),
    );
  }

  /**
   * Notes claims; answers in words what should not have been handed out, or what should have been and was not. A batch that was cut short
   * says itself that there is more.
   */
  take(owner: string, demand: ClaimDemand, { claims, isCutShort }: ClaimBatch, nowMs: number): string[] {
    const mistakes = claims.flatMap((claim) => this.#mistakesOf(claim, demand, nowMs));
    for (const claim of claims) {
      Object.assign(this.of(claim.key), {
        place: 'Held',
        token: claim.token,
        owner,
        isOnWire: false,
        isLost: false,
        limit: undefined,
        isFreed: false,
      });
    }
    const taken = Map.groupBy(claims, ({ constraint }) => constraint.kind);
    const missed = [...this.entries.values()].filter((entry) => {
      if (!this.#mustBeClaimed(entry, demand, nowMs)) return false;
      const room = roomFor(entry.constraint, demand);
      if (entry.limit !== undefined && room > 0) entry.isFreed = true;
      return !isCutShort && room > (taken.get(entry.constraint.kind)?.length ?? 0);
    });
    return [...mistakes, ...missed.map(({ key }) => `${JSON.stringify(key)} was not handed out`)];
  }

  /** Notes the end of a claim that was still held. */
  settle(claim: Claim, { settlement, record, followUp }: Omit<SettleRequest, 'claim'>, nowMs: number): void {
    const entry = this.of(claim.key);
    if (record !== undefined) entry.records += 1;
    if (settlement.kind === 'Terminal') {
      entry.place = settlement.outcome;
      if (settlement.outcome === 'Uncertain') this.#keepKey(entry, record === undefined ? 0 : 1);
      if (settlement.outcome === 'Delivered' && followUp !== undefined) {
        this.#addNext(entry, followUp, nowMs);
      }
      return;
    }
    Object.assign(entry, {
      dueMs: nowMs + settlement.dueInMs,
      constraint: settlement.constraint,
      limit: settlement.kind === 'Limited' ? settlement.limit : undefined,
      isRepeat: 'repeatOf' in settlement && settlement.repeatOf !== undefined,
    });
    this.#waitOrEnd(entry, entry.token);
    if (settlement.kind === 'Deferred') entry.attempts += 1;
  }

  /** Notes that claims were taken from a sender. */
  takeBack(owner: string, nowMs: number, held: readonly string[] = []): void {
    for (const entry of this.entries.values()) {
      if (entry.place !== 'Held' || entry.owner !== owner || held.includes(entry.token)) continue;
      entry.dueMs = nowMs;
      if (!entry.isOnWire) {
        this.#waitOrEnd(entry, '');
        continue;
      }
      Object.assign(entry, { place: 'Uncertain', isLost: true });
      this.#count(entry, 1);
    }
  }

  /** Notes what a lost sender says after all; its word takes the place of what recovery noted. */
  prove(claim: Claim, request: Omit<SettleRequest, 'claim'>, nowMs: number): void {
    const entry = this.of(claim.key);
    if (entry.isLost) this.#count(entry, -1);
    entry.isLost = false;
    this.settle(claim, request, nowMs);
  }

  /** Notes evidence that an Uncertain message was not accepted. */
  putBack(key: MessageKey, nowMs: number): void {
    const entry = this.of(key);
    Object.assign(entry, { dueMs: nowMs, isRepeat: false });
    this.#waitOrEnd(entry, '');
  }

  /** Notes that an Uncertain message with a key is to be repeated by its route. */
  repeat(key: MessageKey, route: string, nowMs: number): void {
    this.putBack(key, nowMs);
    Object.assign(this.of(key), { isRepeat: true, constraint: { kind: 'Route', route } });
  }

  /** Notes evidence that an Uncertain message was delivered. */
  deliver(key: MessageKey, followUp: FollowUp | undefined, nowMs: number): void {
    const entry = this.of(key);
    entry.place = 'Delivered';
    if (followUp !== undefined) this.#addNext(entry, followUp, nowMs);
  }

  /** Notes that a campaign was cancelled as a whole; answers how many messages ended. */
  end(campaign: string): number {
    this.#ended.add(campaign);
    const free = this.in(campaign, 'Fresh', 'Waiting');
    for (const entry of free) this.#waitOrEnd(entry, '');
    return free.length;
  }

  /** Notes that an import brought a campaign back. */
  bringBack(campaign: string): void {
    this.#ended.delete(campaign);
  }

  hasEnded({ campaign }: MessageKey): boolean {
    return this.#ended.has(campaign);
  }

  /** How many attempt records there are. */
  get records(): number {
    return [...this.entries.values()].reduce((sum, entry) => sum + entry.records, 0);
  }

  counts(campaign: string): Partial<CampaignCounts> {
    const count = (test: (entry: Entry) => boolean): number =>
      [...this.entries.values()].filter((entry) => entry.key.campaign === campaign && test(entry)).length;
    return {
      total: count(() => true),
      pending: count(({ place, attempts }) => place === 'Fresh' || (place === 'Waiting' && attempts === 0)),
      deferred: count(({ place, attempts }) => place === 'Waiting' && attempts > 0),
      inFlight: count(({ place }) => place === 'Held'),
      delivered: count(({ place }) => place === 'Delivered'),
      failed: count(({ place }) => place === 'Failed'),
      suppressed: count(({ place }) => place === 'Suppressed'),
      cancelled: count(({ place }) => place === 'Cancelled'),
      uncertain: count(({ place }) => place === 'Uncertain'),
    };
  }

  /** Answers in words where it is told otherwise how many messages wait for which limit. */
  limitMistakes(told: readonly LimitedMessages[]): string[] {
    const waiting = [...this.entries.values()].filter(
      ({ place, limit }) => place === 'Waiting' && limit !== undefined,
    );
    const names = [
      ...waiting.map(({ limit, key }) => `${limit} ${key.campaign}`),
      ...told.map(({ limit, campaign }) => `${limit} ${campaign}`),
    ];
    return [...new Set(names)].flatMap((name) => {
      const own = waiting.filter(({ limit, key }) => `${limit} ${key.campaign}` === name);
      const least = own.filter(({ isFreed }) => !isFreed).length;
      const messages = told.find(({ limit, campaign }) => `${limit} ${campaign}` === name)?.messages ?? 0;
      const isRight = messages >= least && messages <= own.length;
      return isRight ? [] : [`${messages} are said to wait for ${name} instead of ${least} to ${own.length}`];
    });
  }

  /** When the next message is due that waits. */
  nextDueMs(): number | undefined {
    const dues = [...this.entries.values()].flatMap(({ place, dueMs }) =>
      place === 'Waiting' ? [dueMs] : [],
    );
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  of({ campaign, step, row }: MessageKey): Entry {
    const entry = this.entries.get(`${campaign}/${step}/${row}`);
    if (entry === undefined) throw new Error(`${campaign}/${step}/${row} was never there`);
    return entry;
  }

  #waitOrEnd(entry: Entry, token: string): void {
    entry.token = token;
    if (!this.hasEnded(entry.key)) entry.place = 'Waiting';
    else if (entry.isRepeat) Object.assign(entry, { place: 'Uncertain', isKeyed: true, isLost: false });
    else entry.place = 'Cancelled';
  }

  #addNext({ key }: Entry, { step, dueInMs }: FollowUp, nowMs: number): void {
    this.#add({ ...key, step }, this.hasEnded(key) ? 'Cancelled' : 'Waiting', nowMs + dueInMs);
  }

  #add(key: MessageKey, place: Place, dueMs: number): void {
    this.entries.set(`${key.campaign}/${key.step}/${key.row}`, {
      key,
      place,
      attempts: 0,
      dueMs,
      constraint: { kind: 'Any' },
      limit: undefined,
      isFreed: false,
      token: '',
      isOnWire: false,
      isKeyed: false,
      isRepeat: false,
      owner: '',
      isLost: false,
      records: 0,
    });
  }

  /** One that did not begin is as keyed as what it repeats. */
  #keepKey(entry: Entry, attempts: number): void {
    entry.attempts += attempts;
    if (!entry.isOnWire) entry.isKeyed = entry.isRepeat;
  }

  #count(entry: Entry, attempts: number): void {
    entry.attempts += attempts;
    entry.records += attempts;
  }

  #mustBeClaimed(entry: Entry, demand: ClaimDemand, nowMs: number): boolean {
    if (!this.open.has(entry.key.campaign)) return false;
    if (entry.place === 'Fresh') return demand.campaigns.includes(entry.key.campaign);
    if (entry.place !== 'Waiting') return false;
    return entry.limit === undefined ? entry.dueMs <= nowMs : !demand.exhausted?.includes(entry.limit);
  }

  #mayBeClaimed(entry: Entry, demand: ClaimDemand, nowMs: number): boolean {
    const isFreed = entry.isFreed && entry.place === 'Waiting' && this.open.has(entry.key.campaign);
    return isFreed || this.#mustBeClaimed(entry, demand, nowMs);
  }

  #mistakesOf(claim: Claim, demand: ClaimDemand, nowMs: number): string[] {
    const entry = this.of(claim.key);
    const isRight =
      this.#mayBeClaimed(entry, demand, nowMs) &&
      entry.attempts === claim.attempts &&
      entry.isRepeat === (claim.repeatOf !== undefined) &&
      JSON.stringify(entry.constraint) === JSON.stringify(claim.constraint);
    return isRight ? [] : [`${JSON.stringify(claim)} was handed out, but it is ${JSON.stringify(entry)}`];
  }
}

function roomFor(constraint: Constraint, { any, esp, routes }: ClaimDemand): number {
  if (constraint.kind === 'Route') return routes[constraint.route] ?? 0;
  return constraint.kind === 'Esp' ? esp : any;
}

import type { PlanRoute } from '../api/plan.ts';
import type { Reason } from '../api/reasons.ts';
import type { SendingWindow } from '../api/sending-window.ts';
import type { LaneState } from '../domain/ports/lane-ledger.ts';
import type { Reply, RouteConnection } from '../domain/ports/route.ts';
import type { Clock, Random } from '../domain/ports/clock.ts';
import type { ConnectTurns } from './connect-turns.ts';
import type { RouteOpener } from './route-opener.ts';

/** Intervals from this length on are kept by the ledger, milliseconds. */
const LEDGER_PACING_FROM_MS = 100;

/** Why a lane takes nothing now, and until when (ledger's clock). */
export interface Hold {
  readonly reason: Reason;
  readonly untilMs?: number;
  readonly message: string;
}

export type TakeAnswer =
  | { readonly kind: 'Connection'; readonly connection: RouteConnection }
  | { readonly kind: 'Refused'; readonly reply: Exclude<Reply, { kind: 'Accepted' }> }
  | { readonly kind: 'Missing'; readonly reason: Reason; readonly message: string };

/**
 * A route while this process holds its lease: its connections, its hold, how much of it is in use. Holds are facts learned from
 * the ledger or the provider; what a plan says (suspended, blocked, window) is asked of the plan each time.
 */
export class Lane {
  readonly fence: number;
  readonly #open: RouteOpener;
  readonly #turns: ConnectTurns;
  #plan: PlanRoute;
  /** Whom connections are opened to. */
  #service: string;
  #hold: Hold | undefined;
  #idle: RouteConnection[] = [];
  /** Connections through the door that is in force: endpoint and login as they are declared now, while the lane is ours. */
  #current = new WeakSet<RouteConnection>();
  #isClosed = false;
  #inUse = 0;
  /** What a reply left to the account: the ledger says so with each grant. */
  #connectionLimit = Number.MAX_SAFE_INTEGER;
  #paceMs = 0;
  #usedShare = 0;
  #failures = 0;
  #nextTurnMs = 0;
  /** When the last message was handed to a connection; before the first one, long ago. */
  #sentMs = Number.NEGATIVE_INFINITY;
  #refusedVersion: string | undefined;

  constructor(
    plan: PlanRoute,
    fence: number,
    { open, turns }: { readonly open: RouteOpener; readonly turns: ConnectTurns },
  ) {
    this.#plan = plan;
    this.#service = serviceOf(plan);
    this.fence = fence;
    this.#open = open;
    this.#turns = turns;
  }

  get plan(): PlanRoute {
    return this.#plan;
  }

  get inUse(): number {
    return this.#inUse;
  }

  /** Share of the cap that is used, 0 to 1 and above; decides which mailbox is next. */
  get usedShare(): number {
    return this.#usedShare;
  }

  /** Consecutive failures to connect: the back-off grows with them. */
  get failures(): number {
    return this.#failures;
  }

  /** Credentials that the provider refused last; the same ones are not tried again. */
  get refusedVersion(): string | undefined {
    return this.#refusedVersion;
  }

  /** A changed declaration: what held the lane under the old one may not hold it now. Busy connections end with their message. */
  async update(plan: PlanRoute): Promise<void> {
    const before = this.#plan;
    this.#plan = plan;
    this.#service = serviceOf(plan);
    if (JSON.stringify(before) !== JSON.stringify(plan)) {
      this.#hold = undefined;
      this.#paceMs = 0;
    }
    const isOtherDoor =
      JSON.stringify([plan.endpoint, plan.auth]) !== JSON.stringify([before.endpoint, before.auth]);
    if (isOtherDoor) await this.#closeIdle();
  }

  /** Free slots while nothing holds the lane; only those of open connections while nobody may open another one. */
  freeSlots(): number {
    // With an interval between messages a second connection would only wait for its turn.
    const parallel =
      Math.max(this.#plan.minIntervalMs, this.#paceMs) >= 1_000 ? 1 : this.#plan.maxConnections;
    const free = Math.max(0, Math.min(parallel, this.#connectionLimit) - this.#inUse);
    return this.#turns.areTaken(this.#service) ? Math.min(free, this.#idle.length) : free;
  }

  hold(hold: Hold): void {
    this.#hold = hold;
  }

  /** Waits for the interval that the ledger keeps. What holds the lane for longer, as another message of it just learned, stays. */
  waitForInterval(untilMs: number): void {
    const { untilMs: heldUntilMs = Number.POSITIVE_INFINITY } = this.#hold ?? { untilMs: 0 };
    if (heldUntilMs < untilMs) this.hold({ reason: 'Pacing', untilMs, message: 'waits for its interval' });
  }

  /** The hold in force at `nowMs`; one that ran out is forgotten. */
  holdAt(nowMs: number): Hold | undefined {
    if (this.#hold?.untilMs !== undefined && this.#hold.untilMs <= nowMs) this.#hold = undefined;
    return this.#hold;
  }

  /** The ledger's clock was set back: what holds the lane lasts no longer for that. Set forward, it ends early and is learned again. */
  followClock(setBackMs: number): void {
    const { untilMs } = this.#hold ?? {};
    if (this.#hold && untilMs !== undefined) this.#hold = { ...this.#hold, untilMs: untilMs - setBackMs };
  }

  clearHold(): void {
    this.#hold = undefined;
  }

  stateAt(nowMs: number): LaneState {
    const route = this.#plan.route;
    if (this.#plan.suspended) return { route, reason: 'Suspended', message: 'suspended by its resource' };
    if (this.#plan.blocked) return { route, ...this.#plan.blocked };
    const hold = this.holdAt(nowMs);
    return hold ? { route, ...hold } : { route, reason: 'Connected', message: '' };
  }

  /** Most connections at a time; undefined = as many as declared. */
  limitConnections(connections: number | undefined): void {
    this.#connectionLimit = connections ?? Number.MAX_SAFE_INTEGER;
  }

  /** The interval that the ledger keeps before the next message, ms. */
  notePace(intervalMs: number): void {
    this.#paceMs = intervalMs;
  }

  noteUsage(used: number, cap: number): void {
    this.#usedShare = cap === 0 ? 1 : used / cap;
  }

  /** Takes a slot; every `occupy` is followed by one `vacate`. */
  occupy(): void {
    this.#inUse += 1;
  }

  vacate(): void {
    this.#inUse -= 1;
  }

  /**
   * Waits for the lane's turn. The lane has one owner, so a short interval is kept here: asking the ledger for each millisecond would cost
   * more than the pause. Longer intervals are the ledger's, which survives a change of owner; it counts from one reservation to the next,
   * so what the one before took longer than this one from there to the wire is waited for here.
   */
  async turn(clock: Clock, random: Random): Promise<void> {
    const { minIntervalMs, jitterMs } = this.#plan;
    if (minIntervalMs === 0) return;
    const now = clock.monotonic();
    const start = Math.max(now, this.isPacedByLedger ? this.#sentMs + minIntervalMs : this.#nextTurnMs);
    if (!this.isPacedByLedger) this.#nextTurnMs = start + minIntervalMs + random() * jitterMs;
    if (start > now) await clock.sleep(start - now);
  }

  /** A message is handed to a connection now. */
  noteSent(clock: Clock): void {
    this.#sentMs = clock.monotonic();
  }

  /** The window over which the day's allowance is spread; undefined = it is not. */
  get spreadWindow(): SendingWindow | undefined {
    const window = this.#plan.kind === 'Mailbox' ? this.#plan.sendingWindow : undefined;
    return window?.spread === 'Even' ? window : undefined;
  }

  /** True when the ledger keeps the interval, all of it: also a short one where it has to be weighed against an even pace. */
  get isPacedByLedger(): boolean {
    return this.#plan.minIntervalMs >= LEDGER_PACING_FROM_MS || this.spreadWindow !== undefined;
  }

  /** An idle connection or a new one. The slot must be occupied. */
  async take(): Promise<TakeAnswer> {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.isUsable) return { kind: 'Connection', connection: idle };
      await idle.close();
    }
    const door = this.#current;
    const opened = await this.#open(this.#plan);
    if (!opened.ok) return { kind: 'Missing', reason: opened.reason, message: opened.message };
    const answer = await this.#turns.take(this.#service, () => opened.route.connect());
    if (answer.connected) {
      this.#failures = 0;
      if (door === this.#current && !this.#isClosed) door.add(answer.connection);
      return { kind: 'Connection', connection: answer.connection };
    }
    this.#failures += 1;
    if (answer.reply.command === 'AUTH') this.#refusedVersion = opened.version;
    return { kind: 'Refused', reply: answer.reply };
  }

  /** Keeps a usable connection for the next message; closes the others, and those of a lane that was given up meanwhile. */
  async giveBack(connection: RouteConnection): Promise<void> {
    if (connection.isUsable && this.#current.has(connection)) this.#idle.push(connection);
    else await connection.close();
  }

  /** Version of the credentials now; undefined while they are missing. */
  async credentialsVersion(): Promise<string | undefined> {
    const opened = await this.#open(this.#plan);
    return opened.ok ? opened.version : undefined;
  }

  /** The lane is given up: idle connections are closed now, those in use and those still to be opened when they are given back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#closeIdle();
  }

  async #closeIdle(): Promise<void> {
    this.#current = new WeakSet();
    const closing = this.#idle;
    this.#idle = [];
    await Promise.all(closing.map((connection) => connection.close()));
  }
}

function serviceOf({ endpoint }: PlanRoute): string {
  return `${endpoint.host}:${endpoint.port}`;
}

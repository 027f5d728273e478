import type { Plan, PlanRoute } from '../api/plan.ts';
import { isUsable, type LaneView } from '../domain/routing/lane-view.ts';
import { laneView, type KnownLanes } from './lane-view.ts';

/** All lanes are looked at anew so often, milliseconds, and after each heartbeat: windows, what was lifted. In between only what changed. */
const LOOK_EVERY_MS = 250;

/** So many views that turn out to be out of date one after the other have a common cause, such as a service that lets nobody connect. */
const MOST_SURPRISES = 2;

/**
 * The pool's lanes as the choice sees them, kept from message to message: a pool may have thousands, of which each message changes one.
 * A view that is out of date is noticed before anything is done by it (`confirms`).
 */
export class LaneBoard {
  readonly #table: KnownLanes;
  readonly #planNow: () => Plan;
  readonly #now: () => number;
  #plan: Plan | undefined;
  #heartbeats = 0;
  #lookedMs = Number.NEGATIVE_INFINITY;
  /** Views that were out of date, since all lanes were looked at. */
  #surprises = 0;
  /** When the first of our lanes that are held is free again. Of the others nothing new is known before the next heartbeat. */
  #nextEndMs = Number.POSITIVE_INFINITY;
  #routes: readonly PlanRoute[] = [];
  #views: LaneView[] = [];
  #places: ReadonlyMap<string, number> = new Map();

  constructor(parts: {
    readonly table: KnownLanes;
    readonly plan: () => Plan;
    /** Ledger's clock. */
    readonly now: () => number;
  }) {
    this.#table = parts.table;
    this.#planNow = parts.plan;
    this.#now = parts.now;
  }

  get views(): readonly LaneView[] {
    const [plan, nowMs] = [this.#planNow(), this.#now()];
    if (plan !== this.#plan) this.#follow(plan);
    const sinceMs = nowMs - this.#lookedMs;
    const isOld = sinceMs < 0 || sinceMs >= LOOK_EVERY_MS || this.#heartbeats !== this.#table.heartbeats;
    if (isOld) this.#lookAtAll(nowMs);
    else if (nowMs >= this.#nextEndMs) this.#look(nowMs, (view) => endOf(view) <= nowMs);
    return this.#views;
  }

  /** The lane was given a message, or a message of it has ended. */
  renew(route: string): void {
    const place = this.#places.get(route);
    if (place !== undefined) this.#renewAt(place, this.#now());
  }

  /** Looks at a chosen lane anew; false when it cannot take the message after all. */
  confirms(route: string): boolean {
    this.renew(route);
    const view = this.#views[this.#places.get(route) ?? -1];
    if (view !== undefined && isUsable(view)) return true;
    this.#surprises += 1;
    if (this.#surprises >= MOST_SURPRISES) this.#lookedMs = Number.NEGATIVE_INFINITY;
    return false;
  }

  #follow(plan: Plan): void {
    this.#plan = plan;
    this.#routes = [...plan.mailboxes, ...plan.esps];
    this.#places = new Map(this.#routes.map(({ route }, place) => [route, place]));
    this.#views = [];
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  #lookAtAll(nowMs: number): void {
    this.#look(nowMs, () => true);
    this.#lookedMs = nowMs;
    this.#heartbeats = this.#table.heartbeats;
    this.#surprises = 0;
  }

  #look(nowMs: number, isDue: (view: LaneView) => boolean): void {
    this.#nextEndMs = Number.POSITIVE_INFINITY;
    for (const place of this.#routes.keys()) {
      const view = this.#views[place];
      if (view === undefined || isDue(view)) this.#renewAt(place, nowMs);
      else this.#noteEnd(view);
    }
  }

  #renewAt(place: number, nowMs: number): void {
    const route = this.#routes[place];
    if (route === undefined) return;
    const view = laneView(route, this.#table, nowMs);
    this.#views[place] = view;
    this.#noteEnd(view);
  }

  #noteEnd(view: LaneView): void {
    this.#nextEndMs = Math.min(this.#nextEndMs, endOf(view));
  }
}

function endOf({ isOwned, untilMs }: LaneView): number {
  return isOwned && untilMs !== undefined ? untilMs : Number.POSITIVE_INFINITY;
}

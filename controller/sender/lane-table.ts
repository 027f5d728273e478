import type { Plan } from '../api/plan.ts';
import type { LaneShare, LaneState } from '../domain/ports/lane-ledger.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { SenderKey } from '../domain/ports/queue-ledger.ts';
import { windowWatch, type WindowWatch } from '../domain/window.ts';
import { ConnectTurns } from './connect-turns.ts';
import { Lane } from './lane.ts';
import type { LedgerClock } from '../domain/ledger-clock.ts';
import type { RouteOpener } from './route-opener.ts';

/** Lease of a sender's registration and lanes. A killed sender's lanes move after this time; it is renewed three times within it. */
export const SENDER_LEASE_MS = 9_000;
export const HEARTBEAT_INTERVAL_MS = SENDER_LEASE_MS / 3;

/** The lanes that this sender holds and what it knows of the others. */
export class LaneTable {
  readonly #ledger: Ledger;
  readonly #ledgerClock: LedgerClock;
  readonly #open: RouteOpener;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #turns = new ConnectTurns();
  readonly #lanes = new Map<string, Lane>();
  /** Sending windows, worked out once per change of their state. */
  readonly windows: WindowWatch = windowWatch();
  #states = new Map<string, LaneState>();
  #heartbeats = 0;

  constructor(parts: {
    ledger: Ledger;
    ledgerClock: LedgerClock;
    open: RouteOpener;
    only: readonly string[] | undefined;
  }) {
    this.#only = parts.only && new Set(parts.only);
    this.#ledger = parts.ledger;
    this.#ledgerClock = parts.ledgerClock;
    this.#ledgerClock.onSetBack((setBackMs) => {
      for (const lane of this.#lanes.values()) lane.followClock(setBackMs);
    });
    this.#open = parts.open;
  }

  get lanes(): ReadonlyMap<string, Lane> {
    return this.#lanes;
  }

  /** Heartbeats so far: with each one lanes may come and go, and what the others told is new. */
  get heartbeats(): number {
    return this.#heartbeats;
  }

  /** The latest state of any lane of the pool: our own as it is now, the others' as their owners told it. */
  stateOf(route: string, nowMs: number): LaneState | undefined {
    return this.#lanes.get(route)?.stateAt(nowMs) ?? this.#states.get(route);
  }

  /**
   * One heartbeat: renews the registration and the leases, takes and gives up lanes. Who is leaving keeps only the lanes in use.
   * Answers whether we were declared dead.
   */
  async beat(sender: SenderKey, plan: Plan, isLeaving = false): Promise<{ evicted: boolean }> {
    const now = this.#ledgerClock.now();
    const all = isLeaving ? [] : [...plan.mailboxes, ...plan.esps];
    const routes = all.filter(({ route }) => this.#only?.has(route) ?? true);
    const request = {
      leaseMs: SENDER_LEASE_MS,
      routes: routes.map(({ route }) => route),
      busy: [...this.#lanes].filter(([, lane]) => lane.inUse > 0).map(([route]) => route),
      states: [...this.#lanes.values()].map((lane) => lane.stateAt(now)),
    };
    const share = await this.#ledgerClock.ask(
      () => this.#ledger.lanes.share(sender, request),
      ({ nowMs }) => nowMs,
    );
    this.#states = new Map(share.states.map((state) => [state.route, state]));
    await this.#adopt(share, plan);
    this.#heartbeats += 1;
    return { evicted: share.evicted };
  }

  /** Takes over a changed plan at once, without waiting for the next heartbeat. */
  async update(plan: Plan): Promise<void> {
    for (const route of [...plan.mailboxes, ...plan.esps]) await this.#lanes.get(route.route)?.update(route);
  }

  async close(): Promise<void> {
    const closing = [...this.#lanes.values()];
    this.#lanes.clear();
    await Promise.all(closing.map((lane) => lane.close()));
  }

  async #adopt(share: LaneShare, plan: Plan): Promise<void> {
    const fences = new Map(share.owned.map(({ route, fence }) => [route, fence]));
    for (const [route, lane] of this.#lanes) {
      if (fences.get(route) === lane.fence) continue;
      this.#lanes.delete(route);
      await lane.close();
    }
    for (const route of [...plan.mailboxes, ...plan.esps]) {
      const fence = fences.get(route.route);
      if (fence === undefined || this.#lanes.has(route.route)) continue;
      this.#lanes.set(route.route, new Lane(route, fence, { open: this.#open, turns: this.#turns }));
    }
  }
}

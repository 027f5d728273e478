import type { Claim } from '../domain/ports/queue-ledger.ts';
import { chooseRoute, type RouteChoice } from '../domain/routing/choose-route.ts';
import { claimDemand } from '../domain/routing/claim-demand.ts';
import { senderOf } from '../domain/routing/sender-of.ts';
import type { LaneView } from '../domain/routing/lane-view.ts';
import { CampaignGate } from './campaign-gate.ts';
import { concludeExpired, returnClaim } from './conclusion.ts';
import { deliver } from './delivery.ts';
import type { DeliveryContext } from './delivery-context.ts';
import type { LaneTable } from './lane-table.ts';
import { laneViews } from './lane-views.ts';
import { campaignOf, isExpired, RouteIndex } from './plan-lookup.ts';
import type { Wake } from './wake.ts';

/** How long an idle queue is left alone, milliseconds; new rows and due messages are seen after at most this. */
const IDLE_POLL_MS = 500;
/** How long a message stays away that found no lane, and one whose route is no longer in the pool, milliseconds. */
const RETURN_MS = 200;
const GONE_RETURN_MS = 60_000;

/** Claims what the lanes can take now and sees each claim to its end. */
export class Dispatcher {
  readonly #context: DeliveryContext;
  readonly #table: LaneTable;
  readonly #wake: Wake;
  readonly #gate: CampaignGate;
  readonly #routes = new RouteIndex();
  /** Routes that left the pool, with a slot each: messages bound to them are seen to their end. */
  #formerRoutes: Readonly<Record<string, number>> = {};
  readonly #held = new Map<string, Claim>();
  readonly #working = new Set<Promise<void>>();

  constructor(context: DeliveryContext, table: LaneTable, wake: Wake) {
    this.#context = context;
    this.#table = table;
    this.#wake = wake;
    this.#gate = new CampaignGate(context.ledger.audience);
  }

  /** Names the routes that messages may still be bound to although the plan has them no more. */
  noteFormerRoutes(routes: readonly string[]): void {
    this.#formerRoutes = Object.fromEntries(routes.map((route) => [route, 1]));
  }

  /** Tokens of the claims in our hands. */
  get held(): string[] {
    return [...this.#held.keys()];
  }

  /** The messages in our hands, for people. */
  get heldMessages(): string[] {
    return [...this.#held.values()].map(({ key }) => `${key.campaign}/${key.step}/${key.row}`);
  }

  /** One claim call at most; answers how long to wait before the next round, milliseconds. */
  async round(): Promise<number> {
    const nowMs = this.#context.ledgerClock.now();
    const plan = this.#context.plan();
    // Also while the whole pool waits: what is unsent at a campaign's end is cancelled then, not when there is room again.
    const campaigns = await this.#gate.open(plan, nowMs);
    const { poolHold } = this.#context.shared;
    if (poolHold) return clamp((poolHold.untilMs ?? Infinity) - nowMs, 1, IDLE_POLL_MS);
    const lanes = laneViews(plan, this.#table, nowMs);
    const demand = claimDemand({ lanes, routing: plan.routing, campaigns });
    if (!demand) return idleTime(lanes, nowMs);
    const batch = await this.#context.ledger.queue.claim(this.#context.sender(), {
      ...demand,
      routes: { ...this.#formerRoutes, ...demand.routes },
      exhausted: this.#context.shared.exhausted,
    });
    for (const claim of batch.claims) this.#start(claim);
    if (batch.claims.length > 0) return 0;
    // What is due already fits no lane of ours, or waits for a limit: it does not come sooner for being asked for.
    const nextDueMs = batch.nextDueMs ?? 0;
    return nextDueMs <= nowMs ? IDLE_POLL_MS : clamp(nextDueMs - nowMs, 1, IDLE_POLL_MS);
  }

  /** Resolves when every claim in our hands has its end. */
  async drained(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  #start(claim: Claim): void {
    this.#held.set(claim.token, claim);
    const work = this.#work(claim)
      .catch((error: unknown) =>
        this.#context.log.error({ err: error, message: claim.key }, 'Delivery broke'),
      )
      .finally(() => {
        this.#held.delete(claim.token);
        this.#working.delete(work);
        this.#wake.signal();
      });
    this.#working.add(work);
  }

  /** The route is chosen and its slot taken before the first await, so a batch never overfills a lane. */
  async #work(claim: Claim): Promise<void> {
    for (;;) {
      const choice = this.#choose(claim);
      const lane = choice.kind === 'Use' ? this.#table.lanes.get(choice.route) : undefined;
      if (choice.kind !== 'Use' || !lane) return this.#putBack(claim, choice);
      lane.occupy();
      const overflow = claim.overflow || choice.overflow;
      const end = await deliver(this.#context, { lane, claim, overflow }).finally(() => lane.vacate());
      if (end === 'Settled') return;
    }
  }

  #choose(claim: Claim): RouteChoice {
    const plan = this.#context.plan();
    const lanes = laneViews(plan, this.#table, this.#context.ledgerClock.now());
    const campaign = campaignOf(plan, claim.key);
    const routes = this.#routes.of(plan);
    const hasSender = (name: string): boolean => {
      const route = routes.get(name);
      return campaign !== undefined && route !== undefined && !('problem' in senderOf(campaign, route));
    };
    const { constraint } = claim;
    return chooseRoute({ constraint, routing: plan.routing, lanes, random: this.#context.random, hasSender });
  }

  /** No lane can take it now: it waits in the ledger, not in our hands, until its time or its expiry. */
  async #putBack(claim: Claim, choice: RouteChoice): Promise<void> {
    const now = this.#context.ledgerClock.now();
    if (isExpired(this.#context.plan(), claim, now)) return concludeExpired(this.#context, claim);
    await returnClaim(this.#context, claim, returnTime(choice));
  }
}

/**
 * Waiting costs nothing in the ledger: claims are gated by what the lanes can take, so a short time is no stampede, and a lane that
 * becomes able earlier than anybody thought finds its messages.
 */
function returnTime(choice: RouteChoice): number {
  return choice.kind === 'Gone' ? GONE_RETURN_MS : RETURN_MS;
}

/** Until the first lane is free again, but never longer than the poll: other senders may give up lanes. */
function idleTime(lanes: readonly LaneView[], nowMs: number): number {
  const ends = lanes
    .filter((lane) => lane.isOwned && lane.untilMs !== undefined)
    .map((lane) => (lane.untilMs ?? nowMs) - nowMs);
  return clamp(Math.min(IDLE_POLL_MS, ...ends), 1, IDLE_POLL_MS);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Plan, PlanCampaign } from '../api/plan.ts';
import { LedgerLost } from '../domain/ports/ledger.ts';
import type { Claim } from '../domain/ports/queue-ledger.ts';
import { chooseRoute, type RouteChoice } from '../domain/routing/choose-route.ts';
import { claimDemand } from '../domain/routing/claim-demand.ts';
import type { LaneView } from '../domain/routing/lane-view.ts';
import { withoutSender } from '../domain/routing/sender-of.ts';
import { CampaignGate } from './campaign-gate.ts';
import { concludeExpired, returnClaim } from './conclusion.ts';
import { deliver } from './delivery.ts';
import type { Delivery, DeliveryContext, DeliveryEnd } from './delivery-context.ts';
import type { Lane } from './lane.ts';
import { LaneBoard } from './lane-board.ts';
import type { LaneTable } from './lane-table.ts';
import { campaignOf, isExpired } from './plan-lookup.ts';
import type { Wake } from './wake.ts';

/** How long an idle queue is left alone, milliseconds; new rows and due messages are seen after at most this. */
const IDLE_POLL_MS = 500;
/** How long a message stays away that found no lane, and one whose route is no longer in the pool, milliseconds. */
const RETURN_MS = 200;
const GONE_RETURN_MS = 60_000;
/** Routes are chosen for so many messages, then others have the processor: heartbeats, answers of the ledger, probes. */
const CHOSEN_AT_ONCE = 50;

/** Claims what the lanes can take now and sees each claim to its end. */
export class Dispatcher {
  readonly #context: DeliveryContext;
  readonly #table: LaneTable;
  readonly #wake: Wake;
  readonly #gate: CampaignGate;
  readonly #board: LaneBoard;
  /** Routes that left the pool, with a slot each: messages bound to them are seen to their end. */
  #formerRoutes: Readonly<Record<string, number>> = {};
  /** Claims so far. */
  #turn = 0;
  readonly #held = new Map<string, Claim>();
  readonly #working = new Set<Promise<void>>();

  constructor(context: DeliveryContext, table: LaneTable, wake: Wake) {
    this.#context = context;
    this.#table = table;
    this.#wake = wake;
    this.#gate = new CampaignGate(context.ledger.audience);
    this.#board = new LaneBoard({ table, plan: () => context.plan(), now: () => context.ledgerClock.now() });
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
    const lanes = this.#board.views;
    const demand = claimDemand({ lanes, routing: plan.routing, campaigns, turn: this.#turn });
    this.#turn += 1;
    if (!demand) return idleTime(lanes, nowMs);
    const batch = await this.#context.ledger.queue.claim(this.#context.sender(), {
      ...demand,
      routes: { ...this.#formerRoutes, ...demand.routes },
      exhausted: this.#context.shared.exhausted,
    });
    await this.#startAll(batch.claims);
    if (batch.claims.length > 0 || batch.isCutShort) return 0;
    // What is due already fits no lane of ours, or waits for a limit: it does not come sooner for being asked for.
    const nextDueMs = batch.nextDueMs ?? 0;
    return nextDueMs <= nowMs ? IDLE_POLL_MS : clamp(nextDueMs - nowMs, 1, IDLE_POLL_MS);
  }

  /** Resolves when every claim in our hands has its end. */
  async drained(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
  }

  async #startAll(claims: readonly Claim[]): Promise<void> {
    for (const claim of claims) this.#held.set(claim.token, claim);
    for (let from = 0; from < claims.length; from += CHOSEN_AT_ONCE) {
      if (from > 0) await nextTurn();
      for (const claim of claims.slice(from, from + CHOSEN_AT_ONCE)) this.#start(claim);
    }
  }

  #start(claim: Claim): void {
    const work = this.#work(claim)
      .catch((error: unknown) => this.#broke(claim, error))
      .finally(() => {
        this.#held.delete(claim.token);
        this.#working.delete(work);
        this.#wake.signal();
      });
    this.#working.add(work);
  }

  /** All deliveries end when the ledger is lost, which is told once. */
  #broke(claim: Claim, error: unknown): void {
    if (error instanceof LedgerLost) this.#context.onOutage(error);
    else this.#context.log.error({ err: error, message: claim.key }, 'Delivery broke');
  }

  /** The route is chosen and its slot taken before the first await, so a batch never overfills a lane. */
  async #work(claim: Claim): Promise<void> {
    for (;;) {
      const choice = this.#choose(claim);
      const lane = choice.kind === 'Use' ? this.#table.lanes.get(choice.route) : undefined;
      if (choice.kind !== 'Use' || !lane) return this.#putBack(claim, choice);
      const end = await this.#deliver(lane, claim, claim.overflow || choice.overflow);
      if (end === 'Settled') return;
    }
  }

  async #deliver(lane: Lane, claim: Claim, overflow: Delivery['overflow']): Promise<DeliveryEnd> {
    lane.occupy();
    this.#board.renew(lane.plan.route);
    try {
      return await deliver(this.#context, { lane, claim, overflow });
    } finally {
      lane.vacate();
      this.#board.renew(lane.plan.route);
    }
  }

  /** A lane that was held since it was looked at is not chosen: then another one is. */
  #choose({ key, constraint }: Claim): RouteChoice {
    const plan = this.#context.plan();
    const { random } = this.#context;
    const hasSender = senderTest(plan, campaignOf(plan, key));
    for (;;) {
      const lanes = this.#board.views;
      const choice = chooseRoute({ constraint, routing: plan.routing, lanes, random, hasSender });
      if (choice.kind !== 'Use' || this.#board.confirms(choice.route)) return choice;
    }
  }

  /** No lane can take it now: it waits in the ledger, not in our hands, until its time or its expiry. */
  async #putBack(claim: Claim, choice: RouteChoice): Promise<void> {
    const now = this.#context.ledgerClock.now();
    if (isExpired(this.#context.plan(), claim, now)) return concludeExpired(this.#context, claim);
    await returnClaim(this.#context, claim, returnTime(choice));
  }
}

/** Tells routes that have a From for the campaign; undefined = all have, and thousands of mailboxes need not be asked. */
function senderTest(
  plan: Plan,
  campaign: PlanCampaign | undefined,
): ((route: string) => boolean) | undefined {
  if (!campaign) return () => false;
  const mute = new Set(withoutSender(campaign, plan.esps).map(({ route }) => route));
  return mute.size === 0 ? undefined : (route) => !mute.has(route);
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

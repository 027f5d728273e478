import type { ClaimDemand } from '../ports/queue-ledger.ts';
import { isOpenEsp, isUsable, tiersOf, type LaneView, type Routing } from './lane-view.ts';

/** Messages that wait for an ESP in a pool that has none any more: claimed in small portions, to be freed. */
const STRAYS = 10;

/** Messages of a kind that are claimed at once at most: with thousands of lanes the next claim comes soon enough, and what it brings is fresh. */
const MOST_AT_ONCE = 200;

/** Lanes for which a call asks what is bound to them: the queue looks into a place of its own for each. */
const MOST_ROUTES = 500;

function portion(lanes: readonly LaneView[], turn: number): readonly LaneView[] {
  const portions = Math.ceil(lanes.length / MOST_ROUTES);
  const first = (turn % portions) * MOST_ROUTES;
  return lanes.slice(first, first + MOST_ROUTES);
}

function slots(lanes: readonly LaneView[]): number {
  const free = lanes.filter(isUsable).reduce((sum, lane) => sum + lane.freeSlots, 0);
  return Math.min(free, MOST_AT_ONCE);
}

/**
 * What this sender could place at once, so that it claims no more, up to a few hundred; undefined = nothing. A slot is offered to every kind of message that
 * may use it: bound ones, those for ESPs, any. When several kinds wait at the same time, what finds its slot taken goes back.
 */
export function claimDemand(offer: {
  readonly lanes: readonly LaneView[];
  readonly routing: Routing;
  /** Campaigns that may give fresh messages now, in the order to serve them. */
  readonly campaigns: readonly string[];
  /** How often was asked before: of very many lanes each call asks for others what is bound to them. */
  readonly turn: number;
}): ClaimDemand | undefined {
  const { lanes, routing, campaigns, turn } = offer;
  const usable = lanes.filter(isUsable);
  if (usable.length === 0) return undefined;
  const { first, second, overflow } = tiersOf(lanes, routing);
  const esps = lanes.filter(isOpenEsp);
  return {
    routes: Object.fromEntries(portion(usable, turn).map((lane) => [lane.route, lane.freeSlots])),
    esp: esps.length === 0 ? STRAYS : slots(esps),
    any: slots(overflow === undefined ? first : [...first, ...second]),
    campaigns,
  };
}

import type { ClaimDemand } from '../ports/queue-ledger.ts';
import { isOpenEsp, isUsable, tiersOf, type LaneView, type Routing } from './lane-view.ts';

/** Messages that wait for an ESP in a pool that has none any more: claimed in small portions, to be freed. */
const STRAYS = 10;

function slots(lanes: readonly LaneView[]): number {
  return lanes.filter(isUsable).reduce((sum, lane) => sum + lane.freeSlots, 0);
}

/**
 * What this sender could place at once, so that it claims no more; undefined = nothing. A slot is offered to every kind of message that
 * may use it: bound ones, those for ESPs, any. When several kinds wait at the same time, what finds its slot taken goes back.
 */
export function claimDemand(offer: {
  readonly lanes: readonly LaneView[];
  readonly routing: Routing;
  /** Campaigns that may give fresh messages now, in the order to serve them. */
  readonly campaigns: readonly string[];
}): ClaimDemand | undefined {
  const { lanes, routing, campaigns } = offer;
  const usable = lanes.filter(isUsable);
  if (usable.length === 0) return undefined;
  const { first, second, overflow } = tiersOf(lanes, routing);
  const esps = lanes.filter(isOpenEsp);
  return {
    routes: Object.fromEntries(usable.map((lane) => [lane.route, lane.freeSlots])),
    esp: esps.length === 0 ? STRAYS : slots(esps),
    any: slots(overflow === undefined ? first : [...first, ...second]),
    campaigns,
  };
}

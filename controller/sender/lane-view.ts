import type { PlanRoute } from '../api/plan.ts';
import type { LaneState } from '../domain/ports/lane-ledger.ts';
import type { LaneView } from '../domain/routing/lane-view.ts';
import type { WindowWatch } from '../domain/window.ts';
import type { LaneTable } from './lane-table.ts';

/** What a sender knows of the pool's lanes. */
export type KnownLanes = Pick<LaneTable, 'lanes' | 'stateOf' | 'windows' | 'heartbeats'>;

/** A route of the pool as the choice sees it: our lane as it is now, another's as its owner told, the plan's word first. */
export function laneView(route: PlanRoute, table: KnownLanes, nowMs: number): LaneView {
  const lane = table.lanes.get(route.route);
  // A lane that nobody has told of yet is about to be taken: it counts as able, so that nothing overflows for want of news.
  const unknown: LaneState = { route: route.route, reason: 'Connected', message: '' };
  const { reason, untilMs, message } =
    closedWindow(route, nowMs, table.windows) ?? table.stateOf(route.route, nowMs) ?? unknown;
  return {
    route: route.route,
    kind: route.kind,
    isOwned: lane !== undefined,
    freeSlots: lane?.freeSlots() ?? 0,
    reason,
    ...(untilMs === undefined ? {} : { untilMs }),
    message,
    weight: route.kind === 'ESP' ? route.weight : 1,
    usedShare: lane?.usedShare ?? 0,
  };
}

function closedWindow(route: PlanRoute, nowMs: number, windows: WindowWatch): LaneState | undefined {
  if (route.kind !== 'Mailbox' || !route.sendingWindow || route.suspended || route.blocked) return undefined;
  const window = windows(route.sendingWindow, Math.floor(nowMs));
  if (window.isOpen) return undefined;
  const untilMs = window.opensMs === undefined ? {} : { untilMs: window.opensMs };
  return { route: route.route, reason: 'WindowClosed', ...untilMs, message: 'outside its sending window' };
}

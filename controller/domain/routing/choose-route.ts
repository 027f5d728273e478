import type { OverflowReason } from '../../api/sending-pool.ts';
import type { Reason } from '../../api/reasons.ts';
import type { Random } from '../ports/clock.ts';
import type { Constraint } from '../ports/queue-ledger.ts';
import { absenceOf, isOpenEsp, isUsable, tiersOf, type LaneView, type Routing } from './lane-view.ts';

export interface RouteQuestion {
  readonly constraint: Constraint;
  readonly routing: Routing;
  /** All lanes of the pool, this sender's and the others'. */
  readonly lanes: readonly LaneView[];
  readonly random: Random;
  /** False for a route without a From for the message (see `senderOf`). Default: every route has one. */
  readonly hasSender?: ((route: string) => boolean) | undefined;
}

export type RouteChoice =
  | {
      readonly kind: 'Use';
      readonly route: string;
      /** Why the message leaves by its second choice, empty when it does not. */
      readonly overflow: OverflowReason | '';
    }
  | {
      readonly kind: 'Wait';
      /** When waiting may end, ledger's clock; undefined = unknown. */
      readonly untilMs?: number;
      readonly reason: Reason;
      /** For people; names no time and no counter that runs. */
      readonly message: string;
    }
  /** What the message is bound to is no longer in the pool: free the message (constraint Any) or end it. */
  | { readonly kind: 'Gone'; readonly reason: 'NoRoute'; readonly message: string };

type Wait = Extract<RouteChoice, { kind: 'Wait' }>;

function draw<T>(
  candidates: readonly T[],
  weightOf: (candidate: T) => number,
  random: Random,
): T | undefined {
  const total = candidates.reduce((sum, candidate) => sum + weightOf(candidate), 0);
  let left = random() * total;
  return candidates.find((candidate) => (left -= weightOf(candidate)) < 0) ?? candidates.at(-1);
}

/** Mailboxes: the least used, by chance among equals. ESPs: by weight. */
function pick(usable: readonly LaneView[], random: Random): LaneView | undefined {
  let least: LaneView[] = [];
  for (const lane of usable) {
    if (lane.kind !== 'Mailbox') continue;
    const share = least[0]?.usedShare ?? Number.POSITIVE_INFINITY;
    if (lane.usedShare < share) least = [lane];
    else if (lane.usedShare === share) least.push(lane);
  }
  if (least.length === 0) return draw(usable, (lane) => lane.weight, random);
  return least[Math.floor(random() * least.length)];
}

function earliest(lanes: readonly LaneView[]): { readonly untilMs?: number } {
  const ends = lanes.flatMap((lane) => (lane.untilMs === undefined ? [] : [lane.untilMs]));
  return ends.length === 0 ? {} : { untilMs: Math.min(...ends) };
}

/** "2 QuotaExhausted, 1 Suspended", in order of the words. */
function census(lanes: readonly LaneView[]): string {
  const counts = new Map<string, number>();
  for (const lane of lanes) counts.set(lane.reason, (counts.get(lane.reason) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
}

/** None of the lanes can take the message now: until when, and why in one word. */
function waitFor(lanes: readonly LaneView[]): Wait {
  const first = lanes[0];
  if (first === undefined) {
    return { kind: 'Wait', reason: 'NoRoute', message: 'the pool has no route for the message' };
  }
  const present = lanes.filter((lane) => absenceOf(lane) === 'None');
  if (present.length > 0) {
    // A lane that is free but busy, or another sender's, has no time to tell.
    const isPacing = present.every((lane) => lane.reason === 'Pacing');
    const until = isPacing ? earliest(present) : {};
    return {
      kind: 'Wait',
      ...until,
      reason: 'Pacing',
      message: 'the lanes are busy or wait for their interval',
    };
  }
  // The lane that is back first names the reason: it is what the message really waits for.
  const next = lanes.reduce((soonest, lane) =>
    (lane.untilMs ?? Number.POSITIVE_INFINITY) < (soonest.untilMs ?? Number.POSITIVE_INFINITY)
      ? lane
      : soonest,
  );
  const message =
    lanes.length === 1 && first.message !== ''
      ? `${first.route}: ${first.message}`
      : `no lane can take it: ${census(lanes)}`;
  return { kind: 'Wait', ...earliest(lanes), reason: next.reason, message };
}

function useOrWait(
  lanes: readonly LaneView[],
  overflow: OverflowReason | '',
  random: Random,
  waitedFor: readonly LaneView[] = lanes,
): RouteChoice {
  const chosen = pick(lanes.filter(isUsable), random);
  return chosen === undefined ? waitFor(waitedFor) : { kind: 'Use', route: chosen.route, overflow };
}

function boundChoice(bound: readonly LaneView[], bond: string, random: Random): RouteChoice {
  if (bound.length > 0) return useOrWait(bound, '', random);
  const message = `${bond} is no longer in the pool, or has no From address for the campaign`;
  return { kind: 'Gone', reason: 'NoRoute', message };
}

/**
 * Chooses the way out of one message with the whole pool in view. The first tier goes first; the second takes over only when every lane
 * of the first, whoever holds it, is out for a reason that the pool lists. A busy or pacing lane is waited for.
 */
export function chooseRoute(question: RouteQuestion): RouteChoice {
  const { constraint, routing, random, hasSender } = question;
  const lanes = hasSender ? question.lanes.filter((lane) => hasSender(lane.route)) : question.lanes;
  switch (constraint.kind) {
    case 'Route':
      return boundChoice(
        lanes.filter((lane) => lane.route === constraint.route),
        constraint.route,
        random,
      );
    case 'Esp':
      return boundChoice(lanes.filter(isOpenEsp), 'the last EmailServiceProvider', random);
    case 'Any': {
      const { first, second, overflow } = tiersOf(lanes, routing);
      if (overflow === undefined || second.length === 0) return useOrWait(first, '', random);
      return useOrWait(second, overflow, random, [...second, ...first]);
    }
  }
}

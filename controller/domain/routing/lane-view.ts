import { OVERFLOW_REASONS, type OverflowReason } from '../../api/sending-pool.ts';
import type { Plan, PlanRoute } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';

/** How the pool chooses between its routes. */
export type Routing = Plan['routing'];

/** One route of the pool as the choice sees it, held by this sender or not. */
export interface LaneView {
  readonly route: string;
  readonly kind: PlanRoute['kind'];
  /** True when this sender holds the lane; only then it can use it. */
  readonly isOwned: boolean;
  /** Messages that this sender could hand to it at once; 0 unless owned. */
  readonly freeSlots: number;
  /** `Connected` = takes messages, `Pacing` = takes the next one at `untilMs`; everything else says why not. */
  readonly reason: Reason;
  /** When the reason ends, ledger's clock; undefined = not by time, or unknown. */
  readonly untilMs?: number;
  readonly message: string;
  /** Share among the ESPs; an ESP of weight 0 takes nothing new. */
  readonly weight: number;
  /** Share of the cap that is used, 0 to 1; the least used mailbox is next. */
  readonly usedShare: number;
}

/** Kinds of absence of a lane: none, one that may overflow when the pool lists it, and one that never does. */
export type Absence = 'None' | OverflowReason | 'Never';

/**
 * Whether a lane is out, as far as overflow is concerned. A pacing lane is not out, it takes its time. What the provider holds against
 * the sender (policy, authentication) never overflows: that would be evasion.
 */
export function absenceOf(lane: Pick<LaneView, 'reason'>): Absence {
  switch (lane.reason) {
    case 'Connected':
    case 'Pacing':
      return 'None';
    case 'QuotaExhausted':
    case 'QuotaExceededAtProvider':
      return 'QuotaExhausted';
    case 'WindowClosed':
      return 'WindowClosed';
    case 'PolicyBlocked':
    case 'SenderUnauthenticated':
      return 'Never';
    default:
      return 'Unavailable';
  }
}

/** True when the lane could take a message of this sender at once. */
export function isUsable(lane: LaneView): boolean {
  return lane.isOwned && lane.freeSlots > 0 && lane.reason === 'Connected';
}

/** True for an ESP that takes new messages. */
export function isOpenEsp(lane: Pick<LaneView, 'kind' | 'weight'>): boolean {
  return lane.kind === 'ESP' && lane.weight > 0;
}

/** The pool's lanes by rank of choice. */
export interface Tiers<T> {
  readonly first: readonly T[];
  readonly second: readonly T[];
  /**
   * Why a message may go to the second tier now; empty when there is no first tier, so that the second is no second choice; undefined
   * when it may not.
   */
  readonly overflow: OverflowReason | '' | undefined;
}

/** Most telling first: it is what reports count. */
const BY_WEIGHT: readonly OverflowReason[] = ['QuotaExhausted', 'WindowClosed', 'Unavailable'];

/** The first tier is out as a whole, every lane for a reason that the pool lists. */
function overflowReason(
  first: readonly Pick<LaneView, 'reason'>[],
  routing: Routing,
): OverflowReason | '' | undefined {
  if (first.length === 0) return '';
  const listed = new Set<Absence>(
    OVERFLOW_REASONS.filter((reason) => routing.overflowReasons.includes(reason)),
  );
  const absences = new Set<Absence>();
  // Ends with the first lane that is not out: nearly always one of the first.
  for (const lane of first) {
    const absence = absenceOf(lane);
    if (!listed.has(absence)) return undefined;
    absences.add(absence);
  }
  return BY_WEIGHT.find((reason) => absences.has(reason));
}

/**
 * Sorts lanes into tiers. With `prefer: Mailboxes` the ESPs are second and `overflow: Hold` closes them; with `prefer: ESPs` the mailboxes
 * are second, and what happens when no mailbox can take a message is no question.
 */
export function tiersOf<T extends Pick<LaneView, 'kind' | 'weight' | 'reason'>>(
  lanes: readonly T[],
  routing: Routing,
): Tiers<T> {
  const mailboxes = lanes.filter((lane) => lane.kind === 'Mailbox');
  const esps = lanes.filter(isOpenEsp);
  const [first, second] = routing.prefer === 'Mailboxes' ? [mailboxes, esps] : [esps, mailboxes];
  const isHeld = routing.prefer === 'Mailboxes' && routing.overflow === 'Hold' && first.length > 0;
  return { first, second, overflow: isHeld ? undefined : overflowReason(first, routing) };
}

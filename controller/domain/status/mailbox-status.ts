import type { MailboxStatus } from '../../api/mailbox.ts';
import type { PlanMailbox } from '../../api/plan.ts';
import type { Mailbox } from '../../api/resource.ts';
import type { LaneState } from '../ports/lane-ledger.ts';
import type { QuotaUsage, WarmupStanding } from '../ports/quota-ledger.ts';
import type { RouteCounters } from '../ports/report-ledger.ts';
import { routeConditions } from './route-conditions.ts';
import { routeCounts } from './route-counts.ts';
import { routeState, unservedState, type RouteState } from './route-state.ts';
import { faultsOf, statusHead, type StatusMoment } from './status-subject.ts';
import { statusTime } from './status-time.ts';

/** A mailbox with what its pool's plan and the ledger say of it. */
export interface MailboxFacts {
  readonly mailbox: Mailbox;
  /** The pool that sends with it, and whether that wants no sender pod; undefined = none has it. */
  readonly placement?: { readonly pool: string; readonly route: PlanMailbox; readonly isUnserved?: boolean };
  readonly usage?: QuotaUsage;
  readonly lane?: LaneState;
  readonly counters?: RouteCounters;
}

type QuotaStatus = NonNullable<MailboxStatus['quota']>;

function quotaStatus(usage: QuotaUsage): QuotaStatus {
  const { used, cap, learnedLimit, nextSlotMs } = usage;
  return {
    recipientsPerDay: cap,
    used,
    usage: `${used}/${cap}`,
    ...(learnedLimit === undefined ? {} : { learnedLimit }),
    ...(nextSlotMs === undefined ? {} : { nextSlotTime: statusTime(nextSlotMs) }),
  };
}

function warmupStatus(standing: WarmupStanding): NonNullable<MailboxStatus['warmup']> {
  const { recipientsPerDay, heldUntilMs, growsAtMs } = standing;
  return {
    recipientsPerDay,
    held: heldUntilMs !== undefined,
    ...(heldUntilMs === undefined ? {} : { heldUntilTime: statusTime(heldUntilMs) }),
    nextGrowthTime: statusTime(growsAtMs),
  };
}

function stateWord(state: RouteState | undefined): { state?: string } {
  if (state === undefined) return {};
  return { state: state.reason === 'Connected' ? 'Ready' : state.reason };
}

/** The status of a Mailbox. */
export function mailboxStatus(facts: MailboxFacts, moment: StatusMoment): MailboxStatus {
  const { mailbox, placement, usage, lane, counters } = facts;
  const { problems, nowMs, watch } = moment;
  const declared = placement && routeState(placement.route, { usage, lane }, nowMs, watch);
  const state = declared && placement.isUnserved ? unservedState(declared, placement.pool) : declared;
  const conditions = routeConditions({
    faults: faultsOf(mailbox, problems),
    blocked: placement?.route.blocked,
    state,
    isHeld: lane !== undefined,
    object: mailbox,
  });
  return {
    ...statusHead(mailbox, conditions, nowMs),
    ...stateWord(state),
    ...(usage === undefined ? {} : { quota: quotaStatus(usage), flags: [...usage.flags] }),
    ...(usage?.warmup === undefined ? {} : { warmup: warmupStatus(usage.warmup) }),
    ...routeCounts(counters),
    ...(placement === undefined ? {} : { pool: placement.pool }),
  };
}

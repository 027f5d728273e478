import type { PlanSharedLimit } from '../../api/plan.ts';
import type { ReportLimit } from '../../api/report.ts';
import type { QuotaUsage } from '../ports/quota-ledger.ts';
import { exhaustionText, SHARED_LIMIT_REASONS, sharedLimitName, volumeText } from '../quota/shared-limits.ts';
import type { PoolFacts } from './report-facts.ts';
import type { RouteState } from './route-state.ts';
import { reportTime } from './status-time.ts';

const AVAILABLE: RouteState = { reason: 'QuotaAvailable', message: '' };

function nearText(limit: PlanSharedLimit, warnAt: number): string {
  return `${limit.senderDomain} sends more than ${warnAt} recipients in 24 hours to ${limit.recipientDomains.join(' and ')}, over all pools; from ${volumeText(limit)} on Google takes it for a bulk sender for ever: check the requirements and set spec.bulkSender.requirementsMet`;
}

/** What a shared limit does now, in one word: room, a warning, or why messages wait and until when. */
export function sharedLimitState(limit: PlanSharedLimit, usage: QuotaUsage | undefined): RouteState {
  if (usage === undefined) return AVAILABLE;
  const { guard } = limit;
  const isRefusing = guard === undefined || guard.mode === 'Refuse';
  if (isRefusing && usage.nextSlotMs !== undefined) {
    const reason = SHARED_LIMIT_REASONS[limit.kind];
    return { reason, message: exhaustionText(limit), untilMs: usage.nextSlotMs };
  }
  if (guard === undefined || guard.mode === 'Count' || usage.used < guard.warnAt) return AVAILABLE;
  return { reason: 'BulkSenderNear', message: nearText(limit, guard.warnAt) };
}

/** A shared limit with its state, and how many messages wait for it. */
export interface SharedLimitStanding {
  readonly limit: PlanSharedLimit;
  readonly state: RouteState;
  readonly used: number;
  /** By campaign. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** The shared limits of a pool as they stand. */
export function sharedLimitStandings(
  facts: Pick<PoolFacts, 'plan' | 'usage' | 'limited'>,
): SharedLimitStanding[] {
  return facts.plan.sharedLimits.map((limit) => {
    const usage = facts.usage.get(limit.quotaSubject);
    const waiting = facts.limited.filter((one) => one.limit === limit.quotaSubject);
    return {
      limit,
      state: sharedLimitState(limit, usage),
      used: usage?.used ?? 0,
      waiting: new Map(waiting.map(({ campaign, messages }) => [campaign, messages])),
    };
  });
}

/** A guard is told once something counts in it: before, it is one line per From domain that says nothing. */
export function isTold({ limit, used }: SharedLimitStanding): boolean {
  return limit.kind !== 'BulkSender' || used > 0;
}

/** A shared limit in the report. */
export function limitReport({ limit, state, used, waiting }: SharedLimitStanding): ReportLimit {
  const declared = (name: 'Day' | 'Hour'): number | undefined => {
    const recipients = limit.limits.find((one) => one.name === name)?.recipients;
    return recipients === Number.MAX_SAFE_INTEGER ? undefined : recipients;
  };
  const [perDay, perHour] = [declared('Day'), declared('Hour')];
  return {
    kind: limit.kind,
    name: sharedLimitName(limit),
    used,
    ...(perDay === undefined ? {} : { recipientsPerDay: perDay }),
    ...(perHour === undefined ? {} : { recipientsPerHour: perHour }),
    state: state.reason,
    message: state.message,
    nextSlot: state.untilMs === undefined ? '' : reportTime(state.untilMs),
    waiting: [...waiting.values()].reduce((sum, messages) => sum + messages, 0),
  };
}

import type { Plan, PlanCampaign } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';
import type { AudienceState, CampaignCounts } from '../ports/audience-ledger.ts';
import type { MailboxState } from './mailbox-state.ts';

export interface CampaignState {
  readonly reason: Reason;
  readonly message: string;
}

/** What a campaign's state follows from. */
export interface CampaignFacts {
  readonly plan: Plan;
  readonly campaign: PlanCampaign;
  readonly counts: CampaignCounts;
  readonly audience: AudienceState;
  /** States of all routes of the pool: what a waiting campaign waits for. */
  readonly routes: readonly MailboxState[];
  readonly nowMs: number;
}

/** What a campaign does now, in one word, and what it waits for. */
export function campaignState(facts: CampaignFacts): CampaignState {
  const { plan, campaign, audience, counts } = facts;
  if (campaign.blocked) return campaign.blocked;
  if (audience.revision === '' && counts.total === 0) return { reason: 'AudienceImporting', message: '' };
  if (open(counts) === 0) return { reason: 'Complete', message: '' };
  if (plan.suspended) return { reason: 'Suspended', message: `SendingPool ${plan.pool} is suspended` };
  if (campaign.suspended) return { reason: 'Suspended', message: 'spec.suspend is true' };
  return beforeStart(facts) ?? waiting(facts);
}

/** Messages without an outcome. */
export function open(counts: CampaignCounts): number {
  return counts.pending + counts.inFlight + counts.deferred;
}

function beforeStart({ campaign, counts, nowMs }: CampaignFacts): CampaignState | undefined {
  const { startMs, startDeadlineMs } = campaign;
  if (startMs !== undefined && nowMs < startMs)
    return { reason: 'NotStarted', message: 'before spec.schedule.startTime' };
  const hasBegun = counts.startedMs !== undefined;
  if (startDeadlineMs !== undefined && !hasBegun && nowMs > startDeadlineMs) {
    return {
      reason: 'DeadlineMissed',
      message: 'did not begin within spec.schedule.startingDeadlineSeconds',
    };
  }
  return undefined;
}

/** Sending while any route can; else what the routes wait for. */
function waiting({ counts, routes }: CampaignFacts): CampaignState {
  if (counts.inFlight > 0) return { reason: 'Sending', message: '' };
  const able = routes.some(({ reason }) => reason === 'Connected' || reason === 'Pacing');
  if (counts.pending === 0)
    return { reason: 'WaitingForRetry', message: 'deferred messages wait for their time' };
  if (able) return { reason: 'Sending', message: '' };
  const timed = routes.some(({ untilMs }) => untilMs !== undefined);
  if (timed) return { reason: 'WaitingForQuota', message: census(routes) };
  const isUnknown = routes.length === 0 || routes.some(({ reason }) => reason === 'ConnectionFailed');
  return {
    reason: isUnknown && routes.length > 0 ? 'WaitingForRetry' : 'NoRoute',
    message: census(routes) || 'the pool has no route',
  };
}

/** `2 QuotaExhausted, 1 Suspended`. */
function census(routes: readonly MailboxState[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of routes) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
}

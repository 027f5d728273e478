import type { Plan, PlanCampaign, PlanRoute } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';
import type { AudienceState, CampaignCounts } from '../ports/audience-ledger.ts';
import { absenceOf, tiersOf } from '../routing/lane-view.ts';
import type { RouteState } from './route-state.ts';
import type { SharedLimitStanding } from './shared-limit-state.ts';

export interface CampaignState {
  readonly reason: Reason;
  readonly message: string;
  /** When the first route is back that it waits for; undefined = not by time, or unknown. */
  readonly untilMs?: number;
}

/** A route with its state and its rank in the pool. */
export interface RouteStanding extends RouteState {
  readonly kind: PlanRoute['kind'];
  readonly weight: number;
}

/** What a campaign's state follows from. */
export interface CampaignFacts {
  readonly plan: Plan;
  readonly campaign: PlanCampaign;
  readonly counts: CampaignCounts;
  readonly audience: AudienceState;
  /** Why the audience could not be read; with an earlier one in force the campaign goes on. */
  readonly audienceProblem?: string | undefined;
  /** All routes of the pool: what a waiting campaign waits for. */
  readonly routes: readonly RouteStanding[];
  /** The limits that the routes share. */
  readonly limits: readonly SharedLimitStanding[];
  readonly nowMs: number;
}

/** What a campaign does now, in one word, and what it waits for. */
export function campaignState(facts: CampaignFacts): CampaignState {
  const { plan, campaign, audience, counts } = facts;
  const isImported = audience.revision !== '';
  const isOver = campaign.endMs !== undefined && facts.nowMs >= campaign.endMs;
  if ((isImported || isOver) && openMessages(counts) === 0) return { reason: 'Complete', message: '' };
  if (campaign.blocked) return campaign.blocked;
  if (!isImported) return notImported(facts);
  if (plan.suspended) return { reason: 'Suspended', message: `SendingPool ${plan.pool} is suspended` };
  if (campaign.suspended) return { reason: 'Suspended', message: 'spec.suspend is true' };
  return beforeStart(facts) ?? waiting(facts);
}

function notImported({ audienceProblem }: CampaignFacts): CampaignState {
  if (audienceProblem === undefined) return { reason: 'AudienceImporting', message: '' };
  return { reason: 'AudienceInvalid', message: `spec.audience: ${audienceProblem}` };
}

/** Messages without an outcome. */
function openMessages(counts: CampaignCounts): number {
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

const QUOTA_REASONS: readonly Reason[] = ['QuotaExhausted', 'QuotaExceededAtProvider'];

/** The shared limits that it waits for: the pool's own, or those that all messages wait for which are not tried yet. */
function waitingForLimits({ campaign, counts, limits }: CampaignFacts): CampaignState | undefined {
  const exhausted = limits.filter(({ state }) => state.untilMs !== undefined);
  const ofPool = exhausted.find(({ limit }) => limit.kind === 'Pool');
  const awaited = exhausted.filter(({ waiting: waits }) => waits.has(campaign.name));
  const messages = exhausted.reduce((sum, { waiting: waits }) => sum + (waits.get(campaign.name) ?? 0), 0);
  if (ofPool === undefined && (messages === 0 || messages < counts.pending)) return undefined;
  const states = (ofPool === undefined ? awaited : [ofPool]).map(({ state }) => state);
  const message = states.map((state) => state.message).join('; ');
  // Time alone ends only a quota; what a person has to set up is told as such.
  const isUnmet = states.every(({ reason }) => reason === 'BulkSenderRequirements');
  return {
    reason: isUnmet ? 'BulkSenderRequirements' : 'WaitingForQuota',
    message,
    ...earliestEnd(states),
  };
}

/** Sending while any route that the pool's rules open can; else what the routes wait for. */
function waiting(facts: CampaignFacts): CampaignState {
  const { plan, counts, routes } = facts;
  if (counts.inFlight > 0) return { reason: 'Sending', message: '' };
  const limited = waitingForLimits(facts);
  if (limited !== undefined) return limited;
  if (counts.pending === 0) {
    return { reason: 'WaitingForRetry', message: 'deferred messages wait for their time' };
  }
  const { first, second, overflow } = tiersOf(routes, plan.routing);
  const open = overflow === undefined ? first : [...first, ...second];
  if (open.length === 0) return { reason: 'NoRoute', message: 'the pool has no route' };
  if (open.some((route) => absenceOf(route) === 'None')) return { reason: 'Sending', message: '' };
  const waits = { message: census(open), ...earliestEnd(open) };
  if (open.some(({ reason }) => QUOTA_REASONS.includes(reason)))
    return { reason: 'WaitingForQuota', ...waits };
  if (open.some(({ reason }) => reason === 'WindowClosed')) return { reason: 'WindowClosed', ...waits };
  return { reason: waits.untilMs === undefined ? 'NoRoute' : 'WaitingForRetry', ...waits };
}

function earliestEnd(routes: readonly RouteState[]): { readonly untilMs?: number } {
  const ends = routes.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]));
  return ends.length === 0 ? {} : { untilMs: Math.min(...ends) };
}

/** `2 QuotaExhausted, 1 Suspended`. */
function census(routes: readonly RouteState[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of routes) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} ${reason}`).join(', ');
}

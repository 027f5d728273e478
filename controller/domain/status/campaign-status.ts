import type { CampaignStatus } from '../../api/campaign.ts';
import type { PlanCampaign } from '../../api/plan.ts';
import type { ConditionType } from '../../api/conditions.ts';
import type { Reason } from '../../api/reasons.ts';
import type { ReportCampaign } from '../../api/report.ts';
import type { Campaign } from '../../api/resource.ts';
import type { CampaignCounts } from '../ports/audience-ledger.ts';
import { conditionOf, readiness, unknownCondition, type Cause, type CurrentCondition } from './conditions.ts';
import { unservedText } from './route-state.ts';
import { causeOf, faultsOf, statusHead, type StatusMoment } from './status-subject.ts';
import { statusTime } from './status-time.ts';

/** A campaign with what its pool's plan and the ledger say of it. */
export interface CampaignStatusFacts {
  readonly campaign: Campaign;
  readonly plan?: Pick<PlanCampaign, 'blocked'>;
  /** The campaign's part of the report; undefined while the ledger cannot be read or no pool has the campaign. */
  readonly report?: ReportCampaign;
  readonly counts?: Pick<CampaignCounts, 'startedMs' | 'completedMs'>;
  /** True when the pool wants no sender pod: nobody sends, whatever the routes could. */
  readonly isUnserved?: boolean;
  /** Why the ledger of the campaign's pool cannot be read. */
  readonly outage?: Cause;
}

/** Words of the status where they differ from the reasons. */
const STATE_WORDS: Partial<Record<Reason, string>> = { AudienceImporting: 'Importing' };
const AUDIENCE_REASONS: readonly Reason[] = ['AudienceInvalid', 'FileNotFound'];

function isAboutAudience(cause: Cause): boolean {
  return AUDIENCE_REASONS.includes(cause.reason) || cause.message.startsWith('spec.audience');
}

function audienceImported(report: ReportCampaign | undefined, faults: readonly Cause[]): CurrentCondition {
  const fault = faults.find(isAboutAudience);
  if (fault === undefined && (report === undefined || report.state === 'AudienceImporting')) {
    return unknownCondition('AudienceImported', {
      reason: 'AudienceImporting',
      message: 'the audience is being read',
    });
  }
  return conditionOf('AudienceImported', fault, {
    reason: 'AudienceImported',
    message: 'the audience is read',
  });
}

function complete(report: ReportCampaign): CurrentCondition {
  const { state: reason } = report;
  if (reason === 'Complete') {
    return conditionOf('Complete', undefined, { reason, message: 'every message has its outcome' });
  }
  const message = report.message === '' ? 'messages are without outcome' : report.message;
  return conditionOf('Complete', { reason, message }, { reason, message });
}

/** Share of messages with an outcome, rounded down: 100 % means all. */
function progress(report: ReportCampaign): string {
  if (report.total === 0) return report.state === 'Complete' ? '100%' : '0%';
  const open = report.pending + report.inFlight + report.deferred;
  return `${Math.floor(((report.total - open) * 100) / report.total)}%`;
}

function campaignCounts(report: ReportCampaign): CampaignStatus {
  const { name: _name, message: _message, state, rows, nextAttempt, ...numbers } = report;
  return {
    state: STATE_WORDS[state] ?? state,
    ...numbers,
    rejectedRows: { invalid: rows.invalid, duplicate: rows.duplicate },
    progress: progress(report),
    ...(nextAttempt === '' ? {} : { nextAttemptTime: nextAttempt }),
  };
}

function times(counts: CampaignStatusFacts['counts']): Pick<CampaignStatus, 'startTime' | 'completionTime'> {
  const { startedMs, completedMs } = counts ?? {};
  return {
    ...(startedMs === undefined ? {} : { startTime: statusTime(startedMs) }),
    ...(completedMs === undefined ? {} : { completionTime: statusTime(completedMs) }),
  };
}

/** States in which only a sender is missing. */
const SERVED_STATES: readonly Reason[] = ['Sending', 'WaitingForQuota', 'WaitingForRetry', 'WindowClosed'];

/**
 * The report with what it cannot know: that the audience was tried and is of no use, and that the pool has no senders by its declaration.
 */
function told(facts: CampaignStatusFacts, faults: readonly Cause[]): ReportCampaign | undefined {
  const { report, campaign, isUnserved = false } = facts;
  if (report?.state === 'AudienceImporting') {
    const fault = faults.find(isAboutAudience);
    return fault === undefined ? report : { ...report, state: fault.reason, message: fault.message };
  }
  if (report === undefined || !isUnserved || report.inFlight > 0 || !SERVED_STATES.includes(report.state))
    return report;
  return { ...report, state: 'Suspended', message: unservedText(campaign.spec.poolRef.name) };
}

/** What an unfaulty campaign does, in words that stay while it does it. */
function allWell(campaign: Campaign, report: Pick<ReportCampaign, 'state' | 'message'> | undefined): Cause {
  if (campaign.spec.suspend) return { reason: 'Suspended', message: 'spec.suspend is true' };
  if (report?.state === 'Suspended') return { reason: 'Suspended', message: report.message };
  if (report?.state === 'Complete') return { reason: 'Complete', message: 'every message has its outcome' };
  return { reason: 'Sending', message: 'the campaign runs' };
}

/** What only the ledger can tell anew. */
const LEDGER_CONDITIONS: readonly ConditionType[] = ['AudienceImported', 'Complete'];

/**
 * While the ledger cannot be read: what was known of the campaign stays, or one that is complete would complete again when the ledger is back,
 * and `Ready` says why nothing newer is told.
 */
function duringOutage(
  { campaign }: CampaignStatusFacts,
  { faults, outage, moment }: { faults: readonly Cause[]; outage: Cause; moment: StatusMoment },
): CampaignStatus {
  const { conditions = [], lastHandledReconcileAt: _handled, ...known } = campaign.status ?? {};
  const kept: CurrentCondition[] = conditions.filter(({ type }) => LEDGER_CONDITIONS.includes(type));
  const unread = unknownCondition('AudienceImported', outage);
  const isComplete = kept.some(({ type, status }) => type === 'Complete' && status === 'True');
  const fault = faults[0] ?? (outage.reason === 'LedgerLost' ? outage : undefined);
  const good = allWell(campaign, { state: 'Complete', message: '' });
  const told = kept.some(({ type }) => type === unread.type) ? kept : [...kept, unread];
  const ready = readiness(fault, isComplete ? [] : [unread], good);
  return { ...known, ...statusHead(campaign, [...told, ...ready], moment.nowMs) };
}

/** The status of a Campaign. Waiting for quota or a retry is its life, so it does not touch `Ready`; a missed deadline does. */
export function campaignStatus(facts: CampaignStatusFacts, moment: StatusMoment): CampaignStatus {
  const { campaign, plan, counts } = facts;
  const faults: Cause[] = faultsOf(campaign, moment.problems).map(causeOf);
  if (faults.length === 0 && plan?.blocked !== undefined) faults.push(plan.blocked);
  if (facts.report?.state === 'DeadlineMissed')
    faults.push({ reason: facts.report.state, message: facts.report.message });
  if (facts.report === undefined && facts.outage !== undefined)
    return duringOutage(facts, { faults, outage: facts.outage, moment });
  const report = told(facts, faults);
  const imported = audienceImported(report, faults);
  const conditions = [
    imported,
    ...(report === undefined ? [] : [complete(report)]),
    ...readiness(faults[0], [imported], allWell(campaign, report)),
  ];
  return {
    ...statusHead(campaign, conditions, moment.nowMs),
    ...(report === undefined ? {} : campaignCounts(report)),
    ...times(counts),
  };
}

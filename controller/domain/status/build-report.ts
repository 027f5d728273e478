import type { PlanCampaign, PlanEsp, PlanMailbox, PlanRoute } from '../../api/plan.ts';
import {
  REPORT_SCHEMA_VERSION,
  type Report,
  type ReportCampaign,
  type ReportMailbox,
  type ReportPool,
  type ReportRoute,
} from '../../api/report.ts';
import type { AudienceState, CampaignCounts } from '../ports/audience-ledger.ts';
import { campaignState } from './campaign-state.ts';
import { mailboxState, type MailboxState } from './mailbox-state.ts';
import type { PoolFacts } from './report-facts.ts';

const NO_COUNTS: CampaignCounts = {
  total: 0,
  pending: 0,
  inFlight: 0,
  delivered: 0,
  deferred: 0,
  failed: 0,
  suppressed: 0,
  uncertain: 0,
  cancelled: 0,
  overflow: 0,
};
const NO_AUDIENCE: AudienceState = {
  revision: '',
  rows: 0,
  counts: { read: 0, accepted: 0, invalid: 0, duplicate: 0 },
};

/** The report of all pools at one moment. Complete when every campaign has ended. */
export function buildReport(pools: readonly PoolFacts[], nowMs: number): Report {
  const built = pools.map((facts) => poolReport(facts, nowMs));
  const campaigns = built.flatMap((pool) => pool.campaigns);
  return {
    schema: REPORT_SCHEMA_VERSION,
    generatedAt: rfc3339(nowMs),
    complete: campaigns.every(({ state }) => state === 'Complete' || state === 'DeadlineMissed'),
    pools: built,
  };
}

function poolReport(facts: PoolFacts, nowMs: number): ReportPool {
  const { plan } = facts;
  const states = new Map(
    plan.mailboxes.map((mailbox) => [
      mailbox.route,
      mailboxState(mailbox, facts.usage.get(mailbox.quotaSubject), facts.lanes.get(mailbox.route), nowMs),
    ]),
  );
  const routeStates = [...states.values(), ...plan.esps.map((esp) => espState(esp, facts, nowMs))];
  return {
    namespace: plan.namespace,
    name: plan.pool,
    routes: [...plan.mailboxes, ...plan.esps].map((route) => routeReport(route, facts)),
    mailboxes: plan.mailboxes.map((mailbox) => mailboxReport(mailbox, facts, states.get(mailbox.route))),
    campaigns: plan.campaigns.map((campaign) => campaignReport(campaign, facts, routeStates, nowMs)),
  };
}

function espState(esp: PlanEsp, facts: PoolFacts, nowMs: number): MailboxState {
  if (esp.suspended) return { reason: 'Suspended', message: 'spec.suspend is true' };
  if (esp.blocked) return esp.blocked;
  const lane = facts.lanes.get(esp.route);
  if (!lane || (lane.untilMs !== undefined && lane.untilMs <= nowMs))
    return { reason: 'Connected', message: '' };
  return lane;
}

function routeReport(route: PlanRoute, facts: PoolFacts): ReportRoute {
  const counters = facts.routes.find((candidate) => candidate.route === route.route);
  return {
    route: route.route,
    kind: route.kind,
    provider: route.provider,
    account: route.kind === 'Mailbox' ? route.address : route.name,
    sent: counters?.sent ?? 0,
    deferred: counters?.deferred ?? 0,
    failed: counters?.failed ?? 0,
    suppressed: counters?.suppressed ?? 0,
    uncertain: counters?.uncertain ?? 0,
    overflow: counters?.overflow ?? 0,
    replies: [...(counters?.replies ?? [])],
  };
}

function mailboxReport(
  mailbox: PlanMailbox,
  facts: PoolFacts,
  state: MailboxState | undefined,
): ReportMailbox {
  const usage = facts.usage.get(mailbox.quotaSubject);
  const dayLimit = mailbox.limits.find(({ name }) => name === 'Day');
  const untilMs = state?.untilMs ?? usage?.nextSlotMs;
  return {
    name: mailbox.name,
    address: mailbox.address,
    provider: mailbox.provider,
    used: usage?.used ?? 0,
    cap: usage?.cap ?? dayLimit?.recipients ?? mailbox.cap,
    state: state?.reason ?? 'Connected',
    message: state?.message ?? '',
    nextSlot: untilMs === undefined ? '' : rfc3339(untilMs),
    flags: [...(usage?.flags ?? [])],
  };
}

function campaignReport(
  campaign: PlanCampaign,
  facts: PoolFacts,
  routes: readonly MailboxState[],
  nowMs: number,
): ReportCampaign {
  const known = facts.campaigns.get(campaign.name);
  const { counts, audience } = known ?? { counts: NO_COUNTS, audience: NO_AUDIENCE };
  const state = campaignState({ plan: facts.plan, campaign, counts, audience, routes, nowMs });
  const { startedMs: _started, completedMs: _completed, nextDueMs, ...numbers } = counts;
  return {
    name: campaign.name,
    state: state.reason,
    message: state.message,
    rows: audience.counts,
    ...numbers,
    nextAttempt: nextDueMs === undefined ? '' : rfc3339(nextDueMs),
  };
}

function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

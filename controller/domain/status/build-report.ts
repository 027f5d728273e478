import type { PlanCampaign, PlanMailbox, PlanRoute } from '../../api/plan.ts';
import {
  REPORT_SCHEMA_VERSION,
  type Report,
  type ReportCampaign,
  type ReportMailbox,
  type ReportPool,
  type ReportRoute,
} from '../../api/report.ts';
import type { AudienceState, CampaignCounts } from '../ports/audience-ledger.ts';
import type { QuotaUsage } from '../ports/quota-ledger.ts';
import type { RouteCounters } from '../ports/report-ledger.ts';
import { windowWatch, type WindowWatch } from '../window.ts';
import { campaignState, type CampaignFacts } from './campaign-state.ts';
import { routeState, type RouteState } from './route-state.ts';
import type { PoolFacts } from './report-facts.ts';
import { reportTime } from './status-time.ts';
import { isTold, limitReport, sharedLimitStandings } from './shared-limit-state.ts';

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
const NO_COUNTERS: Omit<RouteCounters, 'route'> = {
  sent: 0,
  deferred: 0,
  failed: 0,
  suppressed: 0,
  uncertain: 0,
  overflow: 0,
  replies: [],
};
const NO_AUDIENCE: AudienceState = {
  revision: '',
  rows: 0,
  counts: { read: 0, accepted: 0, invalid: 0, duplicate: 0 },
};

/** True for the state of a campaign that sends nothing any more, whatever time passes. */
export function isEnded(state: ReportCampaign['state']): boolean {
  return state === 'Complete' || state === 'DeadlineMissed';
}

/** The report of all pools at one moment. Complete when every campaign has ended. */
export function buildReport(pools: readonly PoolFacts[], nowMs: number): Report {
  const watch = windowWatch();
  const built = pools.map((facts) => poolReport(facts, nowMs, watch));
  const campaigns = built.flatMap((pool) => pool.campaigns);
  return {
    schema: REPORT_SCHEMA_VERSION,
    generatedAt: reportTime(nowMs),
    complete: campaigns.every(({ state }) => isEnded(state)),
    pools: built,
  };
}

function poolReport(facts: PoolFacts, nowMs: number, watch: WindowWatch): ReportPool {
  const { plan } = facts;
  const standings = [...plan.mailboxes, ...plan.esps].map((route) => ({
    route,
    usage: facts.usage.get(route.quotaSubject),
    state: routeState(
      route,
      { usage: facts.usage.get(route.quotaSubject), lane: facts.lanes.get(route.route) },
      nowMs,
      watch,
    ),
  }));
  const limits = sharedLimitStandings(facts);
  const counters = new Map(facts.routes.map((counted) => [counted.route, counted]));
  const routes = standings.map(({ route, state }) => ({
    ...state,
    kind: route.kind,
    weight: route.kind === 'ESP' ? route.weight : 1,
  }));
  return {
    namespace: plan.namespace,
    name: plan.pool,
    routes: standings.map(({ route }) => routeReport(route, counters.get(route.route) ?? NO_COUNTERS)),
    mailboxes: standings.flatMap(({ route, usage, state }) =>
      route.kind === 'Mailbox' ? [mailboxReport(route, usage, state)] : [],
    ),
    limits: limits.filter(isTold).map(limitReport),
    campaigns: plan.campaigns.map((campaign) => campaignReport(campaign, facts, { routes, limits }, nowMs)),
  };
}

function routeReport(route: PlanRoute, counters: Omit<RouteCounters, 'route'>): ReportRoute {
  const { sent, deferred, failed, suppressed, uncertain, overflow } = counters;
  return {
    route: route.route,
    kind: route.kind,
    provider: route.provider,
    account: route.kind === 'Mailbox' ? route.address : route.name,
    sent,
    deferred,
    failed,
    suppressed,
    uncertain,
    overflow,
    replies: [...counters.replies].sort(
      (a, b) => a.code - b.code || (a.enhancedCode < b.enhancedCode ? -1 : 1),
    ),
  };
}

function mailboxReport(
  mailbox: PlanMailbox,
  usage: QuotaUsage | undefined,
  state: RouteState,
): ReportMailbox {
  const dayLimit = mailbox.limits.find(({ name }) => name === 'Day');
  const untilMs = state.untilMs ?? usage?.nextSlotMs;
  return {
    name: mailbox.name,
    address: mailbox.address,
    provider: mailbox.provider,
    used: usage?.used ?? 0,
    cap: usage?.cap ?? dayLimit?.recipients ?? mailbox.cap,
    state: state.reason,
    message: state.message,
    nextSlot: untilMs === undefined ? '' : reportTime(untilMs),
    flags: [...(usage?.flags ?? [])],
  };
}

function campaignReport(
  campaign: PlanCampaign,
  facts: PoolFacts,
  { routes, limits }: Pick<CampaignFacts, 'routes' | 'limits'>,
  nowMs: number,
): ReportCampaign {
  const known = facts.campaigns.get(campaign.name);
  const { counts, audience } = known ?? { counts: NO_COUNTS, audience: NO_AUDIENCE };
  const state = campaignState({
    plan: facts.plan,
    campaign,
    counts,
    audience,
    audienceProblem: known?.audienceProblem,
    routes,
    limits,
    nowMs,
  });
  const { startedMs: _started, completedMs: _completed, nextDueMs, ...numbers } = counts;
  // What is due goes nowhere before a route is back.
  const nextMs = state.untilMs ?? nextDueMs;
  return {
    name: campaign.name,
    state: state.reason,
    message: state.message,
    rows: audience.counts,
    ...numbers,
    nextAttempt: nextMs === undefined ? '' : reportTime(nextMs),
  };
}

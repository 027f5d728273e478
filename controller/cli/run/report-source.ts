import type { Plan } from '../../api/plan.ts';
import type { Report } from '../../api/report.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import { buildReport } from '../../domain/status/build-report.ts';
import type { PoolFacts } from '../../domain/status/report-facts.ts';

/** Reads what the ledger knows of the pools and makes the report of it. */
export async function currentReport(ledger: Ledger, plans: readonly Plan[]): Promise<Report> {
  const [nowMs, ...pools] = await Promise.all([
    ledger.now(),
    ...plans.map((plan) => poolFacts(ledger, plan)),
  ]);
  return buildReport(pools, nowMs);
}

async function poolFacts(ledger: Ledger, plan: Plan): Promise<PoolFacts> {
  const pool = { namespace: plan.namespace, pool: plan.pool };
  const subjects = plan.mailboxes.map(({ quotaSubject: subject, limits, warmup }) => ({
    subject,
    limits,
    ...(warmup ? { warmup } : {}),
  }));
  const [routes, usage, lanes, campaigns] = await Promise.all([
    ledger.reports.routes(pool),
    ledger.quota.usage(subjects),
    ledger.lanes.states(pool),
    Promise.all(plan.campaigns.map(({ name }) => campaignFacts(ledger, { ...pool, campaign: name }))),
  ]);
  return {
    plan,
    routes,
    usage: new Map(usage.map((one) => [one.subject, one])),
    lanes: new Map(lanes.map((lane) => [lane.route, lane])),
    campaigns: new Map(campaigns),
  };
}

async function campaignFacts(ledger: Ledger, key: { namespace: string; pool: string; campaign: string }) {
  const [counts, audience] = await Promise.all([ledger.audience.counts(key), ledger.audience.state(key)]);
  return [key.campaign, { counts, audience }] as const;
}

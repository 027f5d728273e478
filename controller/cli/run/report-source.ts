import type { Plan } from '../../api/plan.ts';
import type { Report } from '../../api/report.ts';
import type { CampaignKey } from '../../domain/ports/audience-ledger.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import { routeAllowance } from '../../domain/quota/room.ts';
import { buildReport } from '../../domain/status/build-report.ts';
import type { PoolFacts } from '../../domain/status/report-facts.ts';

/** An audience that could not be read; its campaign waits or keeps the audience it has, the others go on. */
export interface AudienceProblem {
  readonly key: CampaignKey;
  readonly message: string;
}

/** Reads what the ledger knows of the pools and makes the report of it, together with what only this process knows. */
export async function currentReport(
  ledger: Ledger,
  plans: readonly Plan[],
  audienceProblems: readonly AudienceProblem[] = [],
): Promise<Report> {
  const [nowMs, ...pools] = await Promise.all([
    ledger.now(),
    ...plans.map((plan) => poolFacts(ledger, plan, audienceProblems)),
  ]);
  return buildReport(pools, nowMs);
}

async function poolFacts(
  ledger: Ledger,
  plan: Plan,
  audienceProblems: readonly AudienceProblem[],
): Promise<PoolFacts> {
  const pool = { namespace: plan.namespace, pool: plan.pool };
  const subjects = plan.mailboxes.map((mailbox) => ({
    subject: mailbox.quotaSubject,
    ...routeAllowance(mailbox),
  }));
  const shared = plan.sharedLimits.map(({ quotaSubject: subject, limits }) => ({ subject, limits }));
  const [routes, usage, limited, lanes, campaigns] = await Promise.all([
    ledger.reports.routes(pool),
    ledger.quota.usage([...subjects, ...shared]),
    ledger.reports.limited(pool),
    ledger.lanes.states(pool),
    Promise.all(
      plan.campaigns.map(({ name }) => campaignFacts(ledger, { ...pool, campaign: name }, audienceProblems)),
    ),
  ]);
  return {
    plan,
    routes,
    limited,
    usage: new Map(usage.map((one) => [one.subject, one])),
    lanes: new Map(lanes.map((lane) => [lane.route, lane])),
    campaigns: new Map(campaigns),
  };
}

async function campaignFacts(ledger: Ledger, key: CampaignKey, problems: readonly AudienceProblem[]) {
  const [counts, audience] = await Promise.all([ledger.audience.counts(key), ledger.audience.state(key)]);
  const audienceProblem = problems.find((problem) => isSame(problem.key, key))?.message;
  return [key.campaign, { counts, audience, audienceProblem }] as const;
}

function isSame(a: CampaignKey, b: CampaignKey): boolean {
  return a.namespace === b.namespace && a.pool === b.pool && a.campaign === b.campaign;
}

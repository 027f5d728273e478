/** What the ledger knows of one pool: read in one go, and no more of it than can have changed. */
import type { Plan, PlanRoute } from '../../api/plan.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { QuotaUsage } from '../../domain/ports/quota-ledger.ts';
import type { RouteCounters } from '../../domain/ports/report-ledger.ts';
import { routeAllowance } from '../../domain/quota/room.ts';
import type { PoolFacts } from '../../domain/status/report-facts.ts';

export type FactsLedger = Pick<Ledger, 'plans' | 'reports' | 'quota' | 'lanes' | 'audience' | 'now'>;

/** Facts of a pool, with its counters ready to be looked up by route. */
export interface KnownPool extends PoolFacts {
  readonly counters: ReadonlyMap<string, RouteCounters>;
}

export interface PoolReading {
  readonly facts: KnownPool;
  /** Revision of the plan that the ledger holds; undefined = none. */
  readonly revision: string | undefined;
  /** When the quotas were last looked at in full, ledger's clock. */
  readonly usageAtMs: number;
}

/** Usage falls by itself as the window moves on; this often is soon enough for a number that people look at. */
const USAGE_AGES_AFTER_MS = 60_000;

export async function readPool(
  ledger: FactsLedger,
  plan: Plan,
  before: PoolReading | undefined,
): Promise<PoolReading> {
  const pool = { namespace: plan.namespace, pool: plan.pool };
  const [nowMs, revision, routes, limited, lanes, campaigns] = await Promise.all([
    ledger.now(),
    ledger.plans.revision(pool),
    ledger.reports.routes(pool),
    ledger.reports.limited(pool),
    ledger.lanes.states(pool),
    Promise.all(plan.campaigns.map(({ name }) => readCampaign(ledger, { ...pool, campaign: name }))),
  ]);
  const isAged = before === undefined || nowMs - before.usageAtMs >= USAGE_AGES_AFTER_MS;
  const question = { plan, before: before?.facts, routes, isAged };
  const [usage, shared] = await Promise.all([readUsage(ledger, question), readSharedUsage(ledger, question)]);
  return {
    facts: {
      plan,
      routes,
      counters: new Map(routes.map((counters) => [counters.route, counters])),
      usage: new Map([...usage, ...shared]),
      limited,
      lanes: new Map(lanes.map((lane) => [lane.route, lane])),
      campaigns: new Map(campaigns),
    },
    revision,
    usageAtMs: isAged ? nowMs : before.usageAtMs,
  };
}

async function readCampaign(
  ledger: Pick<Ledger, 'audience'>,
  key: { namespace: string; pool: string; campaign: string },
) {
  const [counts, audience] = await Promise.all([ledger.audience.counts(key), ledger.audience.state(key)]);
  return [key.campaign, { counts, audience }] as const;
}

interface UsageQuestion {
  readonly plan: Plan;
  readonly before: PoolFacts | undefined;
  readonly routes: readonly RouteCounters[];
  readonly isAged: boolean;
}

/** Asks for the quotas that can have changed: of routes that did something, that are new, or whose usage falls with time. */
async function readUsage(
  ledger: Pick<Ledger, 'quota'>,
  question: UsageQuestion,
): Promise<Map<string, QuotaUsage>> {
  const { plan, before, isAged } = question;
  const counted = countersByRoute(question.routes);
  const countedBefore = countersByRoute(before?.routes ?? []);
  const limitsBefore = before?.plan === plan ? undefined : limitsByRoute(before?.plan);
  const isDue = (route: PlanRoute): boolean => {
    const known = before?.usage.get(route.quotaSubject);
    if (known === undefined || counted.get(route.route) !== countedBefore.get(route.route)) return true;
    if (limitsBefore !== undefined && limitsBefore.get(route.route) !== JSON.stringify(route.limits))
      return true;
    const changesWithTime = known.used > 0 || known.warmup !== undefined;
    return known.stop !== undefined || (isAged && changesWithTime);
  };
  const all: readonly PlanRoute[] = [...plan.mailboxes, ...plan.esps];
  const usage = new Map<string, QuotaUsage>();
  const due = new Map<string, PlanRoute>();
  for (const route of all) {
    const known = before?.usage.get(route.quotaSubject);
    if (isDue(route)) due.set(route.quotaSubject, route);
    else if (known !== undefined) usage.set(route.quotaSubject, known);
  }
  const questions = [...due.values()].map((route) => ({
    subject: route.quotaSubject,
    ...routeAllowance(route),
  }));
  for (const answer of await ledger.quota.usage(questions)) usage.set(answer.subject, answer);
  return usage;
}

/** Shared limits move when a route does something; a guard, of which a pool may have thousands, is looked at when its numbers are old. */
async function readSharedUsage(
  ledger: Pick<Ledger, 'quota'>,
  { plan, before, routes, isAged }: UsageQuestion,
): Promise<Map<string, QuotaUsage>> {
  const isChanged = before?.plan !== plan || isAged;
  // Every pool with a From domain of its own has guards; few have declared limits, for which alone all routes are compared.
  const isLimited = plan.sharedLimits.some(({ kind }) => kind !== 'BulkSender');
  const hasMoved = isLimited && JSON.stringify(routes) !== JSON.stringify(before?.routes);
  const usage = new Map<string, QuotaUsage>();
  const due = plan.sharedLimits.filter(({ kind, quotaSubject }) => {
    const known = before?.usage.get(quotaSubject);
    const isDue = known === undefined || isChanged || (hasMoved && kind !== 'BulkSender');
    if (!isDue) usage.set(quotaSubject, known);
    return isDue;
  });
  const questions = due.map(({ quotaSubject: subject, limits }) => ({ subject, limits }));
  for (const answer of await ledger.quota.usage(questions)) usage.set(answer.subject, answer);
  return usage;
}

function limitsByRoute(plan: Plan | undefined): Map<string, string> {
  const routes: readonly PlanRoute[] = plan === undefined ? [] : [...plan.mailboxes, ...plan.esps];
  return new Map(routes.map(({ route, limits }) => [route, JSON.stringify(limits)]));
}

function countersByRoute(routes: readonly RouteCounters[]): Map<string, string> {
  return new Map(routes.map((counters) => [counters.route, JSON.stringify(counters)]));
}

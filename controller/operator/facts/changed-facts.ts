import type { PlanRoute } from '../../api/plan.ts';
import { isSameValue } from '../kube/same-value.ts';
import { objectKey } from '../compilation/compiled-namespace.ts';
import type { KnownPool } from './pool-facts.ts';

/** Keys (`kind/name`) of the objects of whose statuses the facts tell something else than before: pure. */
export function changedFacts(before: KnownPool | undefined, after: KnownPool): string[] {
  const { plan } = after;
  const routes = [...plan.mailboxes, ...plan.esps].filter((route) => !isSameRoute(route, before, after));
  const isCampaignChanged = plan.campaigns.some(
    ({ name }) => !isSameValue(before?.campaigns.get(name), after.campaigns.get(name)),
  );
  if (routes.length === 0 && !isCampaignChanged) return [];
  return [
    ...routes.map(routeKey),
    // A pool sums up its routes and campaigns; a campaign's state follows from the routes it waits for.
    objectKey('SendingPool', plan.pool),
    ...plan.campaigns.map(({ name }) => objectKey('Campaign', name)),
  ];
}

function isSameRoute(
  { route, quotaSubject }: PlanRoute,
  before: KnownPool | undefined,
  after: KnownPool,
): boolean {
  if (before === undefined) return false;
  return (
    isSameValue(before.usage.get(quotaSubject), after.usage.get(quotaSubject)) &&
    isSameValue(before.lanes.get(route), after.lanes.get(route)) &&
    isSameValue(before.counters.get(route), after.counters.get(route))
  );
}

/** Key (`kind/name`) of the object that a route is. */
export function routeKey({ kind, name }: Pick<PlanRoute, 'kind' | 'name'>): string {
  return objectKey(kind === 'Mailbox' ? 'Mailbox' : 'EmailServiceProvider', name);
}

/** Keys of the objects whose statuses may change by the mere passing of time: pure. */
export function timedObjects({ plan, lanes, usage }: KnownPool): string[] {
  const keys: string[] = [];
  for (const { kind, name, route, quotaSubject, ...rest } of [...plan.mailboxes, ...plan.esps]) {
    const hasWindow = 'sendingWindow' in rest && rest.sendingWindow !== undefined;
    const hasEnd = lanes.get(route)?.untilMs !== undefined || usage.get(quotaSubject)?.stop !== undefined;
    if (hasWindow || hasEnd) keys.push(routeKey({ kind, name }));
  }
  for (const { name, startMs } of plan.campaigns) {
    if (startMs !== undefined || keys.length > 0) keys.push(objectKey('Campaign', name));
  }
  return keys;
}

import type { Plan, PlanCampaign, PlanRoute } from '../api/plan.ts';
import type { MessageKey } from '../domain/ports/queue-ledger.ts';

/** The campaign that a message belongs to; undefined when it is no longer in the plan. */
export function campaignOf(plan: Plan, key: MessageKey): PlanCampaign | undefined {
  return plan.campaigns.find(({ name }) => name === key.campaign);
}

/** A plan's routes by name, worked out once per plan: a pool may have thousands, and every message asks. */
export class RouteIndex {
  readonly #byPlan = new WeakMap<Plan, ReadonlyMap<string, PlanRoute>>();

  of(plan: Plan): ReadonlyMap<string, PlanRoute> {
    const known = this.#byPlan.get(plan);
    if (known) return known;
    const routes = new Map([...plan.mailboxes, ...plan.esps].map((route) => [route.route, route]));
    this.#byPlan.set(plan, routes);
    return routes;
  }
}

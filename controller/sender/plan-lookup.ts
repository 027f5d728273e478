import type { Plan, PlanCampaign } from '../api/plan.ts';
import type { Claim, FollowUp, MessageKey } from '../domain/ports/queue-ledger.ts';

/** The campaign that a message belongs to; undefined when it is no longer in the plan. */
export function campaignOf(plan: Plan, key: MessageKey): PlanCampaign | undefined {
  return plan.campaigns.find(({ name }) => name === key.campaign);
}

/** The step of its sequence that comes after a message; undefined when it is the last one. */
export function followUpOf(plan: Plan, key: MessageKey): FollowUp | undefined {
  const step = key.step + 1;
  const next = campaignOf(plan, key)?.steps[step];
  return next && { step, dueInMs: next.delayMs };
}

/** True for a message that is longer on its way than its campaign allows; the time runs from its first attempt. */
export function isExpired(plan: Plan, claim: Claim, nowMs: number): boolean {
  const campaign = campaignOf(plan, claim.key);
  if (!campaign || claim.firstAttemptMs === undefined) return false;
  return nowMs - claim.firstAttemptMs > campaign.expireAfterMs;
}

/** Of the routes by which something was once sent those that are no longer declared. */
export function formerRoutes(plan: Plan, used: readonly { readonly route: string }[]): string[] {
  const declared = new Set([...plan.mailboxes, ...plan.esps].map(({ route }) => route));
  return used.map(({ route }) => route).filter((route) => !declared.has(route));
}

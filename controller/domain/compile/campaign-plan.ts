import type { PlanCampaign, PlanRoute } from '../../api/plan.ts';
import type { Campaign } from '../../api/resource.ts';
import { senderOf } from '../routing/sender-of.ts';
import { campaignSchedule } from './campaign-schedule.ts';
import { campaignSteps, type TemplateLookup } from './campaign-steps.ts';
import { checkLists, type ListLookup } from './list-reference.ts';
import { blockedBy, blocking, warning, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';

/** A campaign as the plan states it, and what is wrong with it. */
export interface CompiledCampaign {
  readonly plan: PlanCampaign;
  readonly findings: readonly Finding[];
}

/** What a campaign is compiled with. */
export interface CampaignSurroundings {
  readonly index: ResourceIndex;
  readonly lists: ListLookup;
  readonly templates: TemplateLookup;
  /** Routes of the campaign's pool. */
  readonly routes: readonly PlanRoute[];
  /** What keeps the whole pool from sending, and what the audience's source lacks. */
  readonly inherited: readonly Finding[];
}

/** A route without a From is no way out for the campaign; without any way out the campaign is blocked. */
function checkSenders(from: PlanCampaign['from'], routes: readonly PlanRoute[]): Finding[] {
  const field = 'spec.from.address';
  const problems = routes.flatMap((route) => {
    const sender = senderOf({ from }, route);
    return 'problem' in sender ? [sender.problem] : [];
  });
  const isStuck = problems.length > 0 && problems.length === routes.length;
  return problems.map((problem) =>
    isStuck ? blocking(field, 'SenderMissing', problem) : warning(field, 'SenderMissing', problem),
  );
}

/** One campaign of a pool. */
export function campaignPlan(campaign: Campaign, surroundings: CampaignSurroundings): CompiledCampaign {
  const { index, lists, templates, routes, inherited } = surroundings;
  const { spec, metadata } = campaign;
  const { steps, findings: stepFindings } = campaignSteps(index, templates, campaign);
  const { times, findings: scheduleFindings } = campaignSchedule(campaign);
  const from = {
    ...(spec.from?.address === undefined ? {} : { address: spec.from.address }),
    ...(spec.from?.displayName === undefined ? {} : { displayName: spec.from.displayName }),
  };
  const suppressionLists = [...(spec.suppressionLists ?? [])].sort();
  const findings = [
    ...stepFindings,
    ...scheduleFindings,
    ...checkLists(lists, metadata.namespace, suppressionLists),
    ...checkSenders(from, routes),
  ];
  return {
    plan: {
      name: metadata.name,
      steps,
      from,
      ...(spec.replyTo === undefined ? {} : { replyTo: spec.replyTo }),
      suppressionLists,
      ...times,
      expireAfterMs: spec.expireAfterSeconds * 1000,
      suspended: spec.suspend,
      ...blockedBy([...findings, ...inherited]),
    },
    findings,
  };
}

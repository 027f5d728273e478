import type { PlanCampaign } from '../../api/plan.ts';
import type {
  AnyResource,
  Campaign,
  EmailServiceProvider,
  Mailbox,
  ResourceSet,
  SendingPool,
} from '../../api/resource.ts';
import type { Policy } from '../policy/policy.ts';
import { timeZoneCheck } from '../time-zone.ts';
import { audienceRequest } from './audience-request.ts';
import { campaignPlan } from './campaign-plan.ts';
import type { TemplateLookup } from './campaign-steps.ts';
import type { AudienceRequest, Compilation, CompileOptions, SuppressionPublication } from './compilation.ts';
import type { Plan } from '../../api/plan.ts';
import { contentHash } from './content-hash.ts';
import { espRoute, type CompiledEsp } from './esp-route.ts';
import type { ListLookup } from './list-reference.ts';
import { mailboxRoute, type CompiledMailbox } from './mailbox-route.ts';
import { ownership, poolMembership, type Ownership } from './pool-membership.ts';
import { poolEsps, poolFindings, poolFrame, poolMailboxes } from './pool-plan.ts';
import { blocking, problemsOf, type Finding, type Problem } from './problem.ts';
import { indexResources, type ResourceIndex } from './resource-index.ts';
import { DAY_WINDOW_MS } from './rolling-limits.ts';
import { sharedLimits } from './shared-limits.ts';
import { templateFindings } from './template-findings.ts';
import { suppressionPublication } from './suppression-publication.ts';

/** What the steps of a compilation share. */
interface Workpiece {
  readonly index: ResourceIndex;
  readonly policy: Policy;
  readonly windowMs: number;
  readonly owners: Ownership;
  readonly lists: ListLookup;
  readonly templates: TemplateLookup;
  readonly mailboxes: ReadonlyMap<Mailbox, CompiledMailbox>;
  readonly esps: ReadonlyMap<EmailServiceProvider, CompiledEsp>;
  readonly problems: Problem[];
  readonly audiences: AudienceRequest[];
}

function report(problems: Problem[], object: AnyResource, findings: readonly Finding[]): void {
  const { namespace, name } = object.metadata;
  problems.push(...problemsOf({ kind: object.kind, namespace, name }, findings));
}

function compileRoutes<T extends Mailbox | EmailServiceProvider, C extends { findings: readonly Finding[] }>(
  objects: readonly T[],
  problems: Problem[],
  compileOne: (object: T) => C,
): Map<T, C> {
  return new Map(
    objects.map((object) => {
      const compiled = compileOne(object);
      report(problems, object, compiled.findings);
      return [object, compiled];
    }),
  );
}

function compileLists(
  index: ResourceIndex,
  problems: Problem[],
): { readonly suppression: SuppressionPublication[]; readonly lists: ListLookup } {
  const suppression: SuppressionPublication[] = [];
  for (const list of index.suppressionLists.all) {
    const { publication, findings } = suppressionPublication(index, list);
    report(problems, list, findings);
    if (publication !== undefined) suppression.push(publication);
  }
  const lists: ListLookup = (namespace, name) => ({
    isDeclared: index.suppressionLists.get(namespace, name) !== undefined,
    isComplete: suppression.some((list) => list.namespace === namespace && list.list === name),
  });
  return { suppression, lists };
}

function compileTemplates(index: ResourceIndex, problems: Problem[]): TemplateLookup {
  const templates = new Map(index.templates.all.map((template) => [template, templateFindings(template)]));
  for (const [template, findings] of templates) report(problems, template, findings);
  return templates;
}

function compileCampaign(
  work: Workpiece,
  campaign: Campaign,
  surroundings: Pick<Plan, 'mailboxes' | 'esps'> & { readonly poolFindings: readonly Finding[] },
): PlanCampaign {
  const { index, lists, templates } = work;
  const audience = audienceRequest(index, campaign);
  if (audience.request !== undefined) work.audiences.push(audience.request);
  const { plan, findings } = campaignPlan(campaign, {
    index,
    lists,
    templates,
    routes: [...surroundings.mailboxes, ...surroundings.esps],
    inherited: [...audience.findings, ...surroundings.poolFindings],
  });
  report(work.problems, campaign, [...findings, ...audience.findings]);
  return plan;
}

function compilePool(work: Workpiece, pool: SendingPool): Plan {
  const { index, policy, owners, lists } = work;
  const membership = poolMembership(index, policy, pool, owners);
  const { esps, findings: espFindings } = poolEsps(index, pool, work.esps);
  const mailboxes = poolMailboxes(membership.members, work.mailboxes);
  const poolWide = poolFindings(index, lists, pool);
  report(work.problems, pool, [
    ...poolWide,
    ...membership.findings,
    ...membership.members.flatMap((member) => member.findings),
    ...espFindings,
  ]);
  const campaigns = index.campaigns.all
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === pool.metadata.namespace && spec.poolRef.name === pool.metadata.name,
    )
    .map((campaign) => compileCampaign(work, campaign, { mailboxes, esps, poolFindings: poolWide }));
  const shared = sharedLimits(pool, {
    mailboxes,
    esps,
    campaigns,
    bulkSender: policy.bulkSender,
    windowMs: work.windowMs,
  });
  const content = { ...poolFrame(pool), mailboxes, esps, sharedLimits: shared, campaigns };
  return { ...content, revision: contentHash(content) };
}

function reportHomeless(index: ResourceIndex, problems: Problem[]): void {
  for (const campaign of index.campaigns.all) {
    const { namespace } = campaign.metadata;
    const name = campaign.spec.poolRef.name;
    if (index.sendingPools.get(namespace, name) !== undefined) continue;
    const message = `SendingPool ${name} does not exist in namespace ${namespace}: create it`;
    report(problems, campaign, [blocking('spec.poolRef.name', 'PoolNotFound', message)]);
  }
}

/**
 * Compiles resources to one plan per pool. Never fails: what is wrong becomes a problem and blocks no more than needs it. The same
 * resources in any order give the same compilation.
 */
export function compile(resources: ResourceSet, policy: Policy, options: CompileOptions = {}): Compilation {
  const windowMs = options.windowMs ?? DAY_WINDOW_MS;
  const index = indexResources(resources);
  const problems: Problem[] = [];
  const surroundings = { index, policy, windowMs, isTimeZone: timeZoneCheck() };
  const mailboxes = compileRoutes(index.mailboxes.all, problems, (mailbox) =>
    mailboxRoute(mailbox, surroundings),
  );
  const esps = compileRoutes(index.emailServiceProviders.all, problems, (esp) => espRoute(esp, surroundings));
  const { suppression, lists } = compileLists(index, problems);
  const templates = compileTemplates(index, problems);
  const audiences: AudienceRequest[] = [];
  const owners = ownership(index);
  const work: Workpiece = {
    index,
    policy,
    windowMs,
    owners,
    lists,
    templates,
    mailboxes,
    esps,
    problems,
    audiences,
  };
  const plans = index.sendingPools.all.map((pool) => compilePool(work, pool));
  reportHomeless(index, problems);
  return { plans, problems, audiences, suppression };
}

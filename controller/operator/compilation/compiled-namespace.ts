/** What came out of compiling a namespace, ready to be looked up by object; and what changed since the last time: pure. */
import { RECONCILE_AT } from '../../api/conditions.ts';
import type { KindName } from '../../api/resource-kind.ts';
import type { Plan, PlanCampaign, PlanEsp, PlanMailbox } from '../../api/plan.ts';
import type { AnyResource, ResourceSet } from '../../api/resource.ts';
import type {
  AudienceRequest,
  Compilation,
  SuppressionPublication,
} from '../../domain/compile/compilation.ts';
import type { Problem } from '../../domain/compile/problem.ts';

/** A route, or a campaign, in the plan of a pool. */
interface Placed<T> {
  readonly pool: string;
  readonly part: T;
}

export interface CompiledNamespace {
  readonly namespace: string;
  /** By kind and name: which version of the object was compiled. */
  readonly versions: ReadonlyMap<string, string>;
  /** By kind and name. */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
  /** By pool. */
  readonly plans: ReadonlyMap<string, Plan>;
  /** Pools that want no sender pod. */
  readonly unserved: ReadonlySet<string>;
  /** By mailbox: the pool that has it. */
  readonly mailboxes: ReadonlyMap<string, Placed<PlanMailbox>>;
  /** By provider: one may serve several pools. */
  readonly esps: ReadonlyMap<string, readonly Placed<PlanEsp>[]>;
  readonly campaigns: ReadonlyMap<string, Placed<PlanCampaign>>;
  /** By campaign. */
  readonly audiences: ReadonlyMap<string, AudienceRequest>;
  /** By list. */
  readonly suppression: ReadonlyMap<string, SuppressionPublication>;
}

/** Names an object inside its namespace. */
export function objectKey(kind: KindName, name: string): string {
  return `${kind}/${name}`;
}

/** Changes with everything that a compilation looks at, and with the wish to be looked at again. */
export function versionOf({ metadata }: Pick<AnyResource, 'metadata'>): string {
  const { uid = '', generation = 0, deletionTimestamp = '', annotations } = metadata;
  return `${uid} ${generation} ${deletionTimestamp} ${annotations?.[RECONCILE_AT] ?? ''}`;
}

export function compiledNamespace(
  namespace: string,
  resources: ResourceSet,
  compilation: Compilation,
): CompiledNamespace {
  const { plans, audiences, suppression } = compilation;
  const mailboxes = new Map<string, Placed<PlanMailbox>>();
  const esps = new Map<string, Placed<PlanEsp>[]>();
  const campaigns = new Map<string, Placed<PlanCampaign>>();
  for (const plan of plans) {
    const { pool } = plan;
    // Of several pools with one mailbox, the first has it; compile says so too.
    for (const part of plan.mailboxes)
      if (!mailboxes.has(part.name)) mailboxes.set(part.name, { pool, part });
    for (const part of plan.esps) esps.set(part.name, [...(esps.get(part.name) ?? []), { pool, part }]);
    for (const part of plan.campaigns) campaigns.set(part.name, { pool, part });
  }
  return {
    namespace,
    versions: versionsOf(resources),
    problems: problemsByObject(compilation.problems),
    plans: new Map(plans.map((plan) => [plan.pool, plan])),
    unserved: unservedPools(resources),
    mailboxes,
    esps,
    campaigns,
    audiences: new Map(audiences.map((request) => [request.key.campaign, request])),
    suppression: new Map(suppression.map((list) => [list.list, list])),
  };
}

function versionsOf(resources: ResourceSet): Map<string, string> {
  const all: readonly (readonly AnyResource[])[] = [
    resources.mailboxes,
    resources.emailServiceProviders,
    resources.sendingPools,
    resources.suppressionLists,
    resources.templates,
    resources.campaigns,
  ];
  const versions = new Map<string, string>();
  for (const objects of all)
    for (const object of objects)
      versions.set(objectKey(object.kind, object.metadata.name), versionOf(object));
  return versions;
}

function unservedPools({ sendingPools }: ResourceSet): Set<string> {
  const unserved = sendingPools.filter(({ spec }) => spec.senders.replicas === 0);
  return new Set(unserved.map(({ metadata }) => metadata.name));
}

function problemsByObject(problems: readonly Problem[]): Map<string, Problem[]> {
  const byObject = new Map<string, Problem[]>();
  for (const problem of problems) {
    const key = objectKey(problem.object.kind, problem.object.name);
    const known = byObject.get(key);
    if (known === undefined) byObject.set(key, [problem]);
    else known.push(problem);
  }
  return byObject;
}

/** Keys (`kind/name`) of the objects about which something else is to be said than before; all when there is no before. */
export function changedObjects(before: CompiledNamespace | undefined, after: CompiledNamespace): string[] {
  if (before === undefined) return [...after.versions.keys()];
  const changed = new Set<string>();
  for (const [key, version] of after.versions) {
    const isSame =
      before.versions.get(key) === version && isEqual(before.problems.get(key), after.problems.get(key));
    if (!isSame) changed.add(key);
  }
  const note = (kind: KindName, names: Iterable<string>): void => {
    for (const name of names)
      if (after.versions.has(objectKey(kind, name))) changed.add(objectKey(kind, name));
  };
  const pools = new Set(changedNames(before.plans, after.plans, (plan) => plan.revision));
  note('SendingPool', pools);
  const waiting = [...after.campaigns].filter(([, { pool }]) => pools.has(pool));
  // What a campaign waits for is in the whole plan.
  note(
    'Campaign',
    waiting.map(([name]) => name),
  );
  note('Mailbox', changedPlaces(before, after, 'mailboxes'));
  note('EmailServiceProvider', changedPlaces(before, after, 'esps'));
  note(
    'Campaign',
    changedNames(before.campaigns, after.campaigns, ({ pool }) => pool),
  );
  note(
    'Campaign',
    changedNames(before.audiences, after.audiences, (request) => JSON.stringify(request)),
  );
  note(
    'SuppressionList',
    changedNames(before.suppression, after.suppression, (list) => list.revision),
  );
  return [...new Set([...changed, ...servedAnew(before, after)])];
}

/** A pool that was scaled to no sender, or from none, has its old plan: what is in it has something else to say all the same. */
function servedAnew(before: CompiledNamespace, after: CompiledNamespace): string[] {
  const isIn = ({ pool }: Placed<unknown>): boolean => before.unserved.has(pool) !== after.unserved.has(pool);
  const names = <T>(places: ReadonlyMap<string, T>, isConcerned: (place: T) => boolean): string[] =>
    [...places].flatMap(([name, place]) => (isConcerned(place) ? [name] : []));
  return [
    ...names(after.mailboxes, isIn).map((name) => objectKey('Mailbox', name)),
    ...names(after.esps, (places) => places.some(isIn)).map((name) =>
      objectKey('EmailServiceProvider', name),
    ),
    ...names(after.campaigns, isIn).map((name) => objectKey('Campaign', name)),
  ];
}

type Places = 'mailboxes' | 'esps';

/** Equal plans hold equal parts: only parts of plans that changed are compared in full. */
function changedPlaces(before: CompiledNamespace, after: CompiledNamespace, places: Places): string[] {
  const isUnchanged = ({ pool }: Placed<unknown>): boolean =>
    before.plans.get(pool)?.revision === after.plans.get(pool)?.revision;
  return changedNames<unknown>(before[places], after[places], (place) => {
    const list = (Array.isArray(place) ? place : [place]) as Placed<unknown>[];
    return JSON.stringify(list.map((one) => (isUnchanged(one) ? one.pool : one)));
  });
}

/** Names that are in one map only, or differ in what `identity` says of them. */
function changedNames<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  identity: (value: T) => string,
): string[] {
  const names = [...before.keys()].filter((name) => !after.has(name));
  for (const [name, value] of after) {
    const old = before.get(name);
    if (old === undefined || (old !== value && identity(old) !== identity(value))) names.push(name);
  }
  return names;
}

function isEqual(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

import { PLAN_SCHEMA_VERSION, type Plan, type PlanEsp, type PlanMailbox } from '../../api/plan.ts';
import type { EmailServiceProvider, Mailbox, SendingPool } from '../../api/resource.ts';
import type { CompiledEsp } from './esp-route.ts';
import { checkLists, type ListLookup } from './list-reference.ts';
import type { CompiledMailbox } from './mailbox-route.ts';
import { messageIdDomain } from './message-id-domain.ts';
import type { PoolMember } from './pool-membership.ts';
import { blockedBy, blocking, partial, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';
import { checkSecret } from './secret-reference.ts';

/**
 * The pool's mailboxes as its routes, in the order of `members`; each blocked by its own faults first, then by its place in the pool.
 */
export function poolMailboxes(
  members: readonly PoolMember[],
  compiled: ReadonlyMap<Mailbox, CompiledMailbox>,
): PlanMailbox[] {
  return members.flatMap(({ mailbox, findings }) => {
    const own = compiled.get(mailbox);
    return own === undefined ? [] : [{ ...own.plan, ...blockedBy([...own.findings, ...findings]) }];
  });
}

/** The pool's e-mail service providers as its routes, sorted by name. */
export function poolEsps(
  index: ResourceIndex,
  pool: SendingPool,
  compiled: ReadonlyMap<EmailServiceProvider, CompiledEsp>,
): { readonly esps: PlanEsp[]; readonly findings: Finding[] } {
  const { namespace } = pool.metadata;
  const esps: PlanEsp[] = [];
  const findings: Finding[] = [];
  const declared = [...(pool.spec.esps ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, weight = 1 } of declared) {
    const esp = index.emailServiceProviders.get(namespace, name);
    const own = esp === undefined ? undefined : compiled.get(esp);
    if (own === undefined) {
      const message = `EmailServiceProvider ${name} does not exist in namespace ${namespace}: create it or take the name out`;
      findings.push(partial('spec.esps', 'ProviderNotFound', message));
      continue;
    }
    esps.push({ ...own.plan, weight, ...blockedBy(own.findings) });
  }
  return { esps, findings };
}

function checkUnsubscribe(index: ResourceIndex, pool: SendingPool): Finding[] {
  const { unsubscribe, purpose } = pool.spec;
  if (unsubscribe === undefined) {
    if (purpose !== 'Marketing') return [];
    const message =
      'a Marketing pool must offer one-click unsubscribe (RFC 8058): set spec.unsubscribe; until then nothing is sent';
    return [blocking('spec.unsubscribe', 'UnsubscribeMissing', message)];
  }
  const { name, key } = unsubscribe.signingKeySecretRef;
  const field = 'spec.unsubscribe.signingKeySecretRef';
  const findings = checkSecret(index, { namespace: pool.metadata.namespace, name, keys: [key], field });
  if (!URL.canParse(unsubscribe.baseUrl)) {
    const message = `${unsubscribe.baseUrl} is not a URL: write one such as https://unsubscribe.example.com`;
    findings.push(blocking('spec.unsubscribe.baseUrl', 'Invalid', message));
  }
  return findings;
}

/** What keeps the whole pool from sending. */
export function poolFindings(index: ResourceIndex, lists: ListLookup, pool: SendingPool): Finding[] {
  return [
    ...checkUnsubscribe(index, pool),
    ...checkLists(lists, pool.metadata.namespace, pool.spec.suppressionLists ?? []),
  ];
}

/** The plan without routes, shared limits, campaigns and revision. */
export function poolFrame(
  pool: SendingPool,
): Omit<Plan, 'revision' | 'mailboxes' | 'esps' | 'sharedLimits' | 'campaigns'> {
  const { spec, metadata } = pool;
  const { unsubscribe } = spec;
  return {
    schema: PLAN_SCHEMA_VERSION,
    namespace: metadata.namespace,
    pool: metadata.name,
    purpose: spec.purpose,
    suspended: spec.suspend,
    uncertain: spec.uncertain,
    routing: {
      prefer: spec.routing.prefer,
      overflow: spec.routing.overflow,
      overflowReasons: [...spec.routing.overflowReasons].sort(),
    },
    suppressionLists: [...(spec.suppressionLists ?? [])].sort(),
    ...(unsubscribe === undefined
      ? {}
      : {
          unsubscribe: {
            baseUrl: unsubscribe.baseUrl,
            ...(unsubscribe.mailto === undefined ? {} : { mailto: unsubscribe.mailto }),
            signingKey: unsubscribe.signingKeySecretRef,
          },
        }),
    postalAddress: spec.postalAddress ?? '',
    messageIdDomain: messageIdDomain(pool),
  };
}

import type { PlanCampaign, PlanEsp, PlanMailbox, PlanSharedLimit } from '../../api/plan.ts';
import type { BulkSenderRule } from '../../api/policy-document.ts';
import type { SendingPool } from '../../api/resource.ts';
import { GMAIL_DOMAINS } from '../address/canonical-address.ts';
import { organisationalDomain } from '../address/domain-name.ts';
import { parseAddress } from '../address/parse-address.ts';
import { rollingLimits } from './rolling-limits.ts';

/** What the limits that a pool's routes share follow from. */
export interface SharedLimitSources {
  readonly mailboxes: readonly PlanMailbox[];
  readonly esps: readonly PlanEsp[];
  readonly campaigns: readonly PlanCampaign[];
  readonly bulkSender: BulkSenderRule;
  readonly windowMs: number;
}

interface Volume {
  readonly recipientsPerDay?: number | undefined;
  readonly recipientsPerHour?: number | undefined;
}

/** A day is always counted, so that a status can tell what was sent. */
function limitsOf(volume: Volume, windowMs: number) {
  const { recipientsPerDay = Number.MAX_SAFE_INTEGER, recipientsPerHour } = volume;
  return rollingLimits(recipientsPerDay, recipientsPerHour, windowMs);
}

function poolLimit(pool: SendingPool, windowMs: number): PlanSharedLimit[] {
  const { limits } = pool.spec;
  if (limits === undefined) return [];
  const { namespace, name } = pool.metadata;
  return [
    {
      kind: 'Pool',
      quotaSubject: `pool:${namespace}/${name}`,
      limits: limitsOf(limits, windowMs),
      recipientDomains: [],
      senderDomain: '',
    },
  ];
}

function recipientDomainLimits(pool: SendingPool, windowMs: number): PlanSharedLimit[] {
  const { namespace, name } = pool.metadata;
  const declared = [...(pool.spec.recipientDomainLimits ?? [])];
  return declared
    .sort((a, b) => (a.domain < b.domain ? -1 : 1))
    .map(({ domain, ...volume }) => ({
      kind: 'RecipientDomain',
      quotaSubject: `recipient-domain:${namespace}/${name}/${domain}`,
      limits: limitsOf(volume, windowMs),
      recipientDomains: GMAIL_DOMAINS.has(domain) ? [...GMAIL_DOMAINS] : [domain],
      senderDomain: '',
    }));
}

/** Every domain that a From of the pool can have, by organisation; the provider's own domains have no bulk sender. */
function senderDomains(sources: SharedLimitSources): string[] {
  const addresses = [
    ...sources.mailboxes.flatMap(({ address, aliases }) => [address, ...aliases]),
    ...sources.esps.map(({ from }) => from?.address),
    ...sources.campaigns.map(({ from }) => from.address),
  ];
  const domains = new Set<string>();
  for (const address of addresses) {
    const parsed = address === undefined ? undefined : parseAddress(address);
    if (parsed !== undefined && !('problem' in parsed)) domains.add(organisationalDomain(parsed.domain));
  }
  return [...domains].filter((domain) => !sources.bulkSender.provider.includes(domain)).sort();
}

/** Everything that the pool sends counts; only Marketing without the requirements is refused. */
function bulkSenderGuards(pool: SendingPool, sources: SharedLimitSources): PlanSharedLimit[] {
  const { provider, perOrganisationalDomainPer24h, warnAt } = sources.bulkSender;
  const { purpose, bulkSender } = pool.spec;
  const unmet = purpose === 'Marketing' ? 'Refuse' : 'Warn';
  const mode = bulkSender?.requirementsMet === true ? 'Count' : unmet;
  return senderDomains(sources).map((domain) => ({
    kind: 'BulkSender',
    quotaSubject: `bulk-sender:${domain}`,
    limits: rollingLimits(perOrganisationalDomainPer24h, undefined, sources.windowMs),
    recipientDomains: provider,
    senderDomain: domain,
    guard: { warnAt, mode },
  }));
}

/** The limits that the routes of a pool share: the pool's own, those per domain of recipients, and the guard against bulk sending. */
export function sharedLimits(pool: SendingPool, sources: SharedLimitSources): PlanSharedLimit[] {
  return [
    ...poolLimit(pool, sources.windowMs),
    ...recipientDomainLimits(pool, sources.windowMs),
    ...bulkSenderGuards(pool, sources),
  ];
}

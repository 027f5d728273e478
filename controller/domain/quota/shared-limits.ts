import type { PlanSharedLimit } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';
import { organisationalDomain } from '../address/domain-name.ts';
import { parseAddress } from '../address/parse-address.ts';
import type { ReserveRequest } from '../ports/quota-ledger.ts';

/** Why messages wait for a shared limit. */
export const SHARED_LIMIT_REASONS = {
  Pool: 'PoolQuotaExhausted',
  RecipientDomain: 'RecipientDomainQuotaExhausted',
  BulkSender: 'BulkSenderRequirements',
} as const satisfies Record<PlanSharedLimit['kind'], Reason>;

/** Who a message is from and to. */
export interface Correspondence {
  readonly from: string;
  readonly recipient: string;
}

/** The shared limits that one message counts in. */
export type SharedLimitLookup = (message: Correspondence) => readonly PlanSharedLimit[];

/** Sorts a plan's shared limits once, so that a message needs no search through all of them. */
export function sharedLimitLookup(limits: readonly PlanSharedLimit[]): SharedLimitLookup {
  if (limits.length === 0) return () => [];
  const bySender = Map.groupBy(limits, ({ senderDomain }) => senderDomain);
  const ofAll = limits.filter(({ senderDomain }) => senderDomain === '');
  const guards = limits.filter(({ senderDomain }) => senderDomain !== '');
  const guarded = [...new Set(guards.flatMap(({ recipientDomains }) => recipientDomains))];
  return ({ from, recipient }) => {
    const domain = domainOf(recipient);
    const ofSender = within(domain, guarded)
      ? (bySender.get(organisationalDomain(domainOf(from))) ?? [])
      : [];
    return [...ofAll, ...ofSender].filter(
      ({ recipientDomains }) => recipientDomains.length === 0 || within(domain, recipientDomains),
    );
  };
}

function domainOf(address: string): string {
  const parsed = parseAddress(address);
  return 'problem' in parsed ? '' : parsed.domain;
}

function within(domain: string, parents: readonly string[]): boolean {
  return parents.some((parent) => domain === parent || domain.endsWith(`.${parent}`));
}

/** What is reserved for one recipient. A guard that refuses nothing counts and never denies. */
export function sharedReservation(limit: PlanSharedLimit): ReserveRequest {
  const isOnlyCounted = limit.guard !== undefined && limit.guard.mode !== 'Refuse';
  return {
    subject: limit.quotaSubject,
    recipients: 1,
    limits: isOnlyCounted
      ? limit.limits.map((one) => ({ ...one, recipients: Number.MAX_SAFE_INTEGER }))
      : limit.limits,
    minIntervalMs: 0,
    jitterMs: 0,
  };
}

/** What a limit is called in reports: `pool`, the domain of the recipients, or `bulk-sender/DOMAIN`. */
export function sharedLimitName(limit: PlanSharedLimit): string {
  if (limit.kind === 'Pool') return 'pool';
  if (limit.kind === 'BulkSender') return `bulk-sender/${limit.senderDomain}`;
  return String(limit.recipientDomains[0]);
}

/** "100 recipients per day, 20 per hour"; a limit that only counts has no number. */
export function volumeText(limit: PlanSharedLimit): string {
  return limit.limits
    .filter(({ recipients }) => recipients < Number.MAX_SAFE_INTEGER)
    .map(({ name, recipients }) => `${recipients} recipients per ${name.toLowerCase()}`)
    .join(', ');
}

/** Why messages wait for the limit, for people; names no time and no counter that runs. */
export function exhaustionText(limit: PlanSharedLimit): string {
  switch (limit.kind) {
    case 'Pool':
      return `what all routes of the pool may send is used up: ${volumeText(limit)} (spec.limits)`;
    case 'RecipientDomain':
      return `what the pool may send to ${sharedLimitName(limit)} is used up: ${volumeText(limit)} (spec.recipientDomainLimits)`;
    case 'BulkSender':
      return `${limit.senderDomain} has sent to ${limit.recipientDomains.join(' and ')} as much as a bulk sender, ${volumeText(limit)} over all pools: check Google's requirements (SPF and DKIM, DMARC, aligned From, one-click unsubscribe, TLS, reverse DNS) and set spec.bulkSender.requirementsMet; Marketing to it waits`;
  }
}

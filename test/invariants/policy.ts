import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { ReplyClass } from '../../controller/api/outcome.ts';
import { MAILBOX_CAP_LIMITS } from '../../controller/api/provider-limits.generated.ts';
import type { Evidence, Violation } from './evidence.ts';

/** Rejections for what is sent or who sends it: another route would carry the same, and spoil its reputation too. */
const REJECTIONS: ReadonlySet<ReplyClass> = new Set<ReplyClass>([
  'policy_block',
  'content_rejected',
  'sender_auth',
  'receiver_policy',
]);

/**
 * Invariant 7: a spam, reputation, content or unauthenticated-sender rejection is never retried on another route; a refusal for quota
 * is followed by an ESP or the same mailbox, never by another one; no cap is above what the provider documents.
 */
export function policyViolations(evidence: Evidence): Violation[] {
  const texts = [...rerouted(evidence.attempts), ...capsAboveLimits(evidence)];
  return texts.map((text) => ({ invariant: 'Policy', text }));
}

function rerouted(attempts: readonly AttemptRecord[]): string[] {
  return [...byMessage(attempts).entries()].flatMap(([key, records]) =>
    records.flatMap((record, index) =>
      records
        .slice(index + 1)
        .filter((later) => isForbidden(record, later))
        .map(
          (later) =>
            `Message ${key} was refused by ${record.route} as ${record.class} and then went to ${later.route}.`,
        ),
    ),
  );
}

function isForbidden(record: AttemptRecord, later: AttemptRecord): boolean {
  if (later.route === record.route) return false;
  if (REJECTIONS.has(record.class)) return true;
  return record.class === 'quota_exceeded' && isMailbox(record) && isMailbox(later);
}

function isMailbox({ route }: AttemptRecord): boolean {
  return route.startsWith('mailbox/');
}

function byMessage(attempts: readonly AttemptRecord[]): Map<string, AttemptRecord[]> {
  return Map.groupBy(
    [...attempts].sort((a, b) => a.attempt - b.attempt),
    ({ namespace, pool, campaign, step, row }) => `${namespace}/${pool}/${campaign}/${step}/${row}`,
  );
}

function capsAboveLimits({ report }: Evidence): string[] {
  const limits: Readonly<Record<string, { readonly recipientsPerDay: number; readonly source: string }>> =
    MAILBOX_CAP_LIMITS;
  return report.pools
    .flatMap((pool) => pool.mailboxes)
    .flatMap(({ address, provider, cap }) => {
      const limit = limits[provider];
      return limit === undefined || cap <= limit.recipientsPerDay
        ? []
        : [`${address} has a cap of ${cap}; ${provider} allows ${limit.recipientsPerDay} (${limit.source}).`];
    });
}

import type { MailboxFacts } from '../../../domain/status/mailbox-status.ts';
import type { CompiledNamespace } from '../../compilation/compiled-namespace.ts';
import type { KnownPool } from '../../facts/pool-facts.ts';

/** What the plan and the ledger say of a mailbox: pure. */
export function mailboxFacts(
  compiled: CompiledNamespace,
  name: string,
  factsOf: (pool: string) => KnownPool | undefined,
): Omit<MailboxFacts, 'mailbox'> {
  const place = compiled.mailboxes.get(name);
  if (place === undefined) return {};
  const { pool, part: route } = place;
  const facts = factsOf(pool);
  const usage = facts?.usage.get(route.quotaSubject);
  const lane = facts?.lanes.get(route.route);
  const counters = facts?.counters.get(route.route);
  return {
    placement: { pool, route, isUnserved: compiled.unserved.has(pool) },
    ...(usage === undefined ? {} : { usage }),
    ...(lane === undefined ? {} : { lane }),
    ...(counters === undefined ? {} : { counters }),
  };
}

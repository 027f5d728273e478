import type { SendingPool } from '../../api/resource.ts';
import { parseDomain } from '../address/domain-name.ts';
import { contentHash } from './content-hash.ts';

/**
 * Domain on the right of the pool's Message-IDs. It must be the same on every route and retry, so it must not follow from the mailboxes,
 * which come and go. Where the pool has an unsubscribe service (every Marketing pool), its host is a real domain of the team, and one
 * that stays: links in sent mail point to it. Otherwise the pool's identity under a name that can never belong to anyone (RFC 6761 §6.4):
 * RFC 5322 §3.6.4 asks for uniqueness only.
 */
export function messageIdDomain(pool: SendingPool): string {
  const { namespace, name } = pool.metadata;
  const baseUrl = pool.spec.unsubscribe?.baseUrl;
  const host = baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
  const parsed = parseDomain(host);
  return 'problem' in parsed
    ? `${contentHash([namespace, name]).slice(0, 12)}.mailers.invalid`
    : parsed.domain;
}

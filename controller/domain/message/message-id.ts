import { hash } from 'node:crypto';

/** What makes a message the same message on every route, retry and restart. */
export interface MessageIdentity {
  readonly namespace: string;
  readonly pool: string;
  readonly campaign: string;
  readonly step: number;
  /** Key of the audience row: the same for every spelling of the address. */
  readonly recipientKey: string;
  /** Domain on the right-hand side, the same for all messages of the pool. */
  readonly domain: string;
}

/** Message-ID without angle brackets: 128 bits of a hash, so that it says nothing of the recipient; the same identity gives the same id. */
export function messageIdOf(identity: MessageIdentity): string {
  const { namespace, pool, campaign, step, recipientKey, domain } = identity;
  const name = JSON.stringify([namespace, pool, campaign, step, recipientKey]);
  return `${hash('sha256', name, 'hex').slice(0, 32)}@${domain}`;
}

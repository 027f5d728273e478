import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CampaignKey } from '../ports/audience-ledger.ts';
import type { MessageKey } from '../ports/queue-ledger.ts';

/** Whom and what an unsubscribe link is about: by names and numbers, never by address. */
export type UnsubscribeSubject = CampaignKey & MessageKey;

/** 128 bits of HMAC-SHA256. */
const MAC_BYTES = 16;
/** Longer than the longest names give. */
const MAX_TOKEN_LENGTH = 1200;
/** Keeps the key's other signatures, if it makes any, from being taken for tokens; a new layout gets a new number. */
const PURPOSE = 'unsubscribe 1\n';

/** The last part of an unsubscribe URL: subject and signature in base64url. It does not expire. */
export function signUnsubscribeToken(key: string, subject: UnsubscribeSubject): string {
  const { namespace, pool, campaign, step, row } = subject;
  const content = Buffer.from([namespace, pool, campaign, step, row].join('/'));
  return Buffer.concat([content, mac(key, content)]).toString('base64url');
}

/**
 * The subject of a token that one of the keys signed, else undefined. Keep an old key behind the new one for as long as its links shall
 * work: at least 60 days after the last message.
 */
export function verifyUnsubscribeToken(
  keys: readonly string[],
  token: string,
): UnsubscribeSubject | undefined {
  if (token.length > MAX_TOKEN_LENGTH || !/^[-_A-Za-z0-9]+$/.test(token)) return undefined;
  const bytes = Buffer.from(token, 'base64url');
  const content = bytes.subarray(0, -MAC_BYTES);
  const signature = bytes.subarray(-MAC_BYTES);
  if (signature.length < MAC_BYTES) return undefined;
  // All keys are tried, so that the time does not tell which one signed. An empty key would be everybody's.
  const usable = keys.filter((key) => key !== '');
  const isSigned = usable.map((key) => timingSafeEqual(mac(key, content), signature)).includes(true);
  return isSigned ? subjectOf(content.toString()) : undefined;
}

function mac(key: string, content: Buffer): Buffer {
  return createHmac('sha256', key).update(PURPOSE).update(content).digest().subarray(0, MAC_BYTES);
}

const CONTENT = /^([^/]+)\/([^/]+)\/([^/]+)\/(\d{1,10})\/(\d{1,10})$/;

function subjectOf(content: string): UnsubscribeSubject | undefined {
  const match = CONTENT.exec(content);
  if (!match) return undefined;
  const [, namespace, pool, campaign, step, row] = match;
  return {
    namespace: String(namespace),
    pool: String(pool),
    campaign: String(campaign),
    step: Number(step),
    row: Number(row),
  };
}

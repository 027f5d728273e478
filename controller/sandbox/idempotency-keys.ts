import { reply } from './reply.ts';

/** Resend remembers a key for 24 hours (resend.com/docs/dashboard/emails/idempotency-keys). */
const TTL_MS = 24 * 3_600_000;

/** The name is that of Resend's HTTP error 409; how its relay words it is documented nowhere. */
export const KEY_OF_ANOTHER_MESSAGE = reply(
  550,
  '',
  'invalid_idempotent_request: this idempotency key belongs to another message',
);

/** What came with a key before: nothing, the same message, or another one. */
export type KeyAnswer = 'New' | 'Same' | 'Other';

/** The idempotency keys of one account: each stands for the message that was taken with it. */
export class IdempotencyKeys {
  /** Header field that holds the key. */
  readonly header: string;
  readonly #taken = new Map<string, { readonly digest: string; readonly atMs: number }>();

  constructor(header: string) {
    this.header = header;
  }

  /** @param digest of the message's content */
  ask(key: string, digest: string, nowMs: number): KeyAnswer {
    const taken = this.#taken.get(key);
    if (taken === undefined || nowMs - taken.atMs >= TTL_MS) return 'New';
    return taken.digest === digest ? 'Same' : 'Other';
  }

  remember(key: string, digest: string, nowMs: number): void {
    this.#taken.set(key, { digest, atMs: nowMs });
  }
}

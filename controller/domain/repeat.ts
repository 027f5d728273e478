import { hash } from 'node:crypto';
import type { PlanEsp } from '../api/plan.ts';
import type { Claim } from './ports/queue-ledger.ts';

/** A message that carries an idempotency key. */
export interface Keyed {
  /** Header field that holds the key. */
  readonly header: string;
  /** Its Date, ledger's clock: the same for every repeat, so that the service gets the same bytes. */
  readonly keyedMs: number;
  /** From when on it must not be repeated, ledger's clock. */
  readonly forgottenFromMs: number;
}

/**
 * A service may take so long to read what it is being sent: after at least 5 minutes of silence it hangs up (RFC 5321 §4.5.3.2.7), with
 * some after 10. What is handed over so long before the key is forgotten meets it in time.
 */
const CONVERSATION_MS = 600_000;

/** How a message of `keyedMs` is keyed for a route; undefined = the route has no keys. */
export function keyedFor(idempotency: PlanEsp['idempotency'], keyedMs: number): Keyed | undefined {
  if (idempotency === undefined) return undefined;
  const { header, ttlMs } = idempotency;
  return { header, keyedMs, forgottenFromMs: keyedMs + ttlMs - CONVERSATION_MS };
}

/** The key of a message, for all its attempts: 128 bits, so that no other message of the account has it, and so short that no header folds it. */
export function idempotencyKey(messageId: string): string {
  return hash('sha256', messageId, 'hex').slice(0, 32);
}

/** Whether the service still knows the key of a message that is handed over now. */
export function isRemembered(keyed: Keyed | undefined, nowMs: number): keyed is Keyed {
  return keyed !== undefined && nowMs < keyed.forgottenFromMs;
}

/** False for a repeat that the service would not know as one. */
export function mayBeSent(claim: Pick<Claim, 'repeatOf'>, keyed: Keyed | undefined, nowMs: number): boolean {
  return claim.repeatOf === undefined || isRemembered(keyed, nowMs);
}

/** How a claim ends that ended as `outcome`: a repeat that was not taken says nothing of the message that it repeats. */
export function endOfClaim<Outcome extends string>(
  claim: Pick<Claim, 'repeatOf'>,
  outcome: Outcome,
): Outcome | 'Uncertain' {
  return claim.repeatOf === undefined || outcome === 'Delivered' ? outcome : 'Uncertain';
}

/** What a claim that goes back to the queue keeps of being a repeat. */
export function asRepeat({ repeatOf }: Pick<Claim, 'repeatOf'>): Pick<Claim, 'repeatOf'> {
  return repeatOf === undefined ? {} : { repeatOf };
}

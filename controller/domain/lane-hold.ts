import type { ReplyClass } from '../api/outcome.ts';
import type { ReplyScope } from '../api/policy-document.ts';
import type { Reason } from '../api/reasons.ts';
import type { Classification } from './policy/classification.ts';
import type { Random } from './ports/clock.ts';
import { connectBackoffMs, retryDelayMs } from './retry-schedule.ts';

/** Why a lane takes nothing for now. */
export interface LaneHold {
  readonly reason: Reason;
  /** Ledger's clock; undefined = not by time: until credentials change, DNS is verified or a person acts. */
  readonly untilMs?: number;
  /** For people; stable. */
  readonly message: string;
}

interface HoldCause {
  readonly classification: Classification;
  /** Consecutive failures to connect, this one included; 0 when the connection stood. */
  readonly connectFailures: number;
  /** Attempts of the message that ended before this one. */
  readonly attempts: number;
  readonly nowMs: number;
  readonly random: Random;
}

const LANE_SCOPES: readonly ReplyScope[] = ['mailbox', 'route', 'tenant', 'sendingDomain'];
const TLS_RULES: readonly string[] = ['ETLS', 'starttls-first'];
/** A misconfiguration does not mend itself in seconds; asked this seldom it does no harm. */
const CONFIGURATION_RETRY = { minSeconds: 300, backoff: 1 };

/** True when the reply speaks of the route or account, so that other messages would meet the same. */
export function isLaneScoped(classification: Classification): boolean {
  return LANE_SCOPES.includes(classification.scope);
}

type HoldReason = { readonly reason: Reason; readonly message: string };

function reasonOf(replyClass: ReplyClass, rule: string): HoldReason {
  switch (replyClass) {
    case 'auth_failed':
      return { reason: 'CredentialsInvalid', message: 'the provider refuses the login' };
    case 'account_disabled':
      return { reason: 'AccountDisabled', message: 'the provider has disabled the account' };
    case 'quota_exceeded':
      return { reason: 'QuotaExceededAtProvider', message: "the provider's own limit is reached" };
    case 'rate_limited':
      return { reason: 'Pacing', message: 'the provider asks for a lower rate' };
    case 'policy_block':
      return { reason: 'PolicyBlocked', message: 'the provider holds back mail for reputation or policy' };
    case 'sender_auth':
      return {
        reason: 'SenderUnauthenticated',
        message: "the sending domain fails the receiver's authentication",
      };
    case 'config_error':
      return TLS_RULES.includes(rule)
        ? { reason: 'TlsFailed', message: 'no TLS connection comes about' }
        : { reason: 'ConfigurationRejected', message: 'the provider rejects how the route is configured' };
    default:
      return { reason: 'ConnectionFailed', message: 'the service cannot be reached or is not ready' };
  }
}

/** How long the hold lasts, ms; undefined = not by time. */
function durationMs(cause: HoldCause): number | undefined {
  const { classification, connectFailures, attempts, random } = cause;
  const { retry, consequence, scope } = classification;
  if (consequence?.stop !== undefined && consequence.stop !== 'untilWindowReset') return undefined;
  if (classification.class === 'config_error') return retryDelayMs(CONFIGURATION_RETRY, 0, random);
  // A broken connection is tried again soon; what the account is told, as the policy says.
  const isConnection = classification.class === 'transient' && scope === 'route';
  if (isConnection || retry === null) return connectBackoffMs(connectFailures, random);
  const earlier = classification.isBeforeMessage ? Math.max(0, connectFailures - 1) : attempts;
  return retryDelayMs(retry, earlier, random);
}

/**
 * What a reply means for the lane: nothing when it speaks of the message or recipient alone. A permanent policy refusal does not hold the
 * lane either: it slows the account down, which the quota ledger does, and stops it when it comes again.
 */
export function laneHold(cause: HoldCause): LaneHold | undefined {
  const { classification, nowMs } = cause;
  const isUnknown = classification.class === 'outcome_unknown';
  if (!isLaneScoped(classification) && !isUnknown) return undefined;
  if (classification.class === 'policy_block' && classification.retry === null) return undefined;
  const { reason, message } = reasonOf(classification.class, classification.rule);
  const lasts = isUnknown ? connectBackoffMs(1, cause.random) : durationMs(cause);
  const said = `${message} (${classification.rule})`;
  return lasts === undefined ? { reason, message: said } : { reason, message: said, untilMs: nowMs + lasts };
}

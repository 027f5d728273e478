import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { Report } from '../../controller/api/report.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';

/** A cap and since when: without `fromMs`, from the beginning. A changed cap is a further entry. */
export interface CapInForce {
  /** The account as it logged in. */
  readonly account: string;
  readonly recipients: number;
  readonly fromMs?: number;
}

/** A cap on what several accounts send together, and since when. */
export interface SharedCap {
  /** What people call it. */
  readonly name: string;
  readonly recipients: number;
  readonly windowMs: number;
  /** Accounts that count, as they logged in; default all. */
  readonly accounts?: readonly string[];
  /** Domains of the recipients that count, with their subdomains; default all. */
  readonly domains?: readonly string[];
  /** Domain of MAIL FROM that counts, with its subdomains; default all. */
  readonly senderDomain?: string;
  readonly fromMs?: number;
}

/** An address or a domain that was acknowledged as suppressed. */
export interface AcknowledgedSuppression {
  /** An entry as people write it: `rita@example.net`, `@example.net`. */
  readonly address: string;
  readonly acknowledgedMs: number;
}

/** Something that was suspended; `toMs`: until it was resumed. */
export interface Pause {
  readonly scope:
    | { readonly kind: 'Pool'; readonly pool: string }
    | { readonly kind: 'Campaign'; readonly campaign: string }
    | { readonly kind: 'Account'; readonly account: string };
  readonly fromMs: number;
  readonly toMs?: number;
}

/** What a campaign was given to send. */
interface ExpectedAudience {
  readonly campaign: string;
  /** Distinct, valid recipients. */
  readonly accepted: number;
}

/** All that a run leaves behind. Times are ms since the epoch, of clocks that agree to `slackMs`. */
export interface Evidence {
  /** What all providers saw, from the first transaction on. */
  readonly wireLog: readonly WireTransaction[];
  readonly attempts: readonly AttemptRecord[];
  /** Written after the last transaction. */
  readonly report: Report;
  readonly caps: readonly CapInForce[];
  readonly windowMs: number;
  readonly sharedCaps?: readonly SharedCap[];
  readonly suppressions?: readonly AcknowledgedSuppression[];
  readonly pauses?: readonly Pause[];
  readonly audiences?: readonly ExpectedAudience[];
  /** Uncertain messages that evidence showed not to be accepted: those may be sent again. */
  readonly resolvedMessageIds?: readonly string[];
  /** True when the pool says `uncertain: Retry`. */
  readonly mayRetryUncertain?: boolean;
  /** Logins of ESPs that send once per idempotency key: what is Uncertain there may come to them again. */
  readonly keyedLogins?: readonly string[];
  /** Login of an ESP's route, when there is more than one ESP. */
  readonly loginsOfRoutes?: Readonly<Record<string, string>>;
  /** How far clocks and the order of events may be apart; default 1,000. */
  readonly slackMs?: number;
}

/** An invariant of the design that the evidence contradicts. */
export interface Violation {
  readonly invariant:
    | 'Cap'
    | 'SuppressedMeansSilent'
    | 'NothingLost'
    | 'NothingTwice'
    | 'OneAttemptOneRecord'
    | 'PauseIsNow'
    | 'Policy';
  /** What happened, to which object, when. */
  readonly text: string;
}

const DEFAULT_SLACK_MS = 1_000;

export function slackOf(evidence: Pick<Evidence, 'slackMs'>): number {
  return evidence.slackMs ?? DEFAULT_SLACK_MS;
}

/** Transactions for mail, refused logins left out, in the order of their MAIL FROM. */
export function transactionsOf(evidence: Pick<Evidence, 'wireLog'>): WireTransaction[] {
  return evidence.wireLog
    .filter(({ kind }) => kind === 'Transaction')
    .sort((a, b) => a.timeMs - b.timeMs || a.id - b.id);
}

/** Names a transaction in a violation. */
export function nameOf(transaction: WireTransaction): string {
  const { id, timeMs, account, rcpts, messageId } = transaction;
  const mail = messageId === '' ? '' : ` (${messageId})`;
  return `transaction ${id} of ${account} to ${rcpts.join(', ') || 'nobody yet'}${mail} at ${at(timeMs)}`;
}

export function at(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

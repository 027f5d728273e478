import type { MailboxConsequence } from '../../api/policy-document.ts';
import type { PlanLimit, PlanWarmup } from '../../api/plan.ts';

/**
 * Whose quota it is: the account itself (`mailbox:<hash of the canonical address>`, `esp:<namespace>/<name>`),
 * never the object's name, so that deleting and re-creating an object does not forget what was sent.
 */
export type QuotaSubject = string;

export interface ReserveRequest {
  readonly subject: QuotaSubject;
  readonly recipients: number;
  /** All of them must allow the send; a denial counts nowhere. */
  readonly limits: readonly PlanLimit[];
  readonly warmup?: PlanWarmup;
  /** Least time since the previous reservation of the subject. */
  readonly minIntervalMs: number;
  /** Extra time, already drawn at random by the caller, added to this reservation's interval. */
  readonly jitterMs: number;
}

/** Proof of a reservation; `release` takes it back. Opaque: made by the ledger. */
export interface Reservation {
  readonly subject: QuotaSubject;
  readonly recipients: number;
  readonly token: string;
}

export type ReserveAnswer =
  | {
      readonly granted: true;
      readonly reservation: Reservation;
      readonly used: number;
      readonly nextAtMs: number;
    }
  | {
      readonly granted: false;
      readonly reason: 'Pacing' | 'QuotaExhausted' | 'QuotaExceededAtProvider' | 'Stopped';
      /** Earliest time at which asking again can succeed (ledger's clock, ms since the epoch); undefined when only a person or a new Secret helps. */
      readonly retryAtMs?: number;
      readonly used: number;
    };

/** Why and until when a subject is stopped. */
export interface Stop {
  readonly kind: 'WindowReset' | 'CredentialChanges' | 'Human' | 'DnsVerified';
  /** Ledger's clock, ms since the epoch; undefined = not by time. */
  readonly untilMs?: number;
  /** The reply that caused it, for people. */
  readonly text: string;
}

export interface QuotaUsage {
  readonly subject: QuotaSubject;
  /** Recipients in the rolling window of the `Day` limit. */
  readonly used: number;
  /** Limit in force now: the least of the declared, the warm-up's and the learned one. */
  readonly cap: number;
  /** Limit that the provider showed by refusing earlier than our cap. */
  readonly learnedLimit?: number;
  readonly stop?: Stop;
  readonly flags: readonly string[];
  /** 1 = full speed; a policy block divides the rate. */
  readonly throttleFactor: number;
  /** When the next recipient fits; undefined = now or unknown. */
  readonly nextSlotMs?: number;
}

/**
 * Rolling-window quotas. Reserve before the wire; whatever reached the wire stays counted. All times are the ledger's own clock.
 * The count of a window is never too low: usage is kept in slots and leaves only when its whole slot is older than the window.
 */
export interface QuotaLedger {
  /** One script call. Counts all limits or none. */
  reserve(request: ReserveRequest): Promise<ReserveAnswer>;
  /** Takes a reservation back: only for sends that certainly never reached MAIL FROM. Releasing twice changes nothing. */
  release(reservation: Reservation): Promise<void>;
  /**
   * Applies a reply's consequence to the account: stop, throttle, flag (see policy.yaml).
   * `untilWindowReset` learns the limit and stops until the oldest counted usage leaves the window, at least `minStopMs`.
   */
  applyConsequence(
    subject: QuotaSubject,
    consequence: MailboxConsequence,
    reply: { readonly text: string; readonly minStopMs: number; readonly limits: readonly PlanLimit[] },
  ): Promise<Stop | undefined>;
  /** Lifts a stop of the given kinds: a new Secret lifts CredentialChanges, a person lifts any. */
  resume(subject: QuotaSubject, kinds: readonly Stop['kind'][]): Promise<void>;
  usage(subjects: readonly Pick<ReserveRequest, 'subject' | 'limits' | 'warmup'>[]): Promise<QuotaUsage[]>;
}

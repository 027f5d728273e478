import type { MailboxConsequence } from '../../api/policy-document.ts';
import type { PlanLimit, PlanWarmup } from '../../api/plan.ts';

/**
 * Whose quota it is: the account itself (`mailbox:<hash of the canonical address>`, `esp:<namespace>/<name>`),
 * never the object's name, so that deleting and re-creating an object does not forget what was sent.
 */
export type QuotaSubject = string;

/** What follows from a reply for the account: what its rule says, and whether the warm-up's ramp is held for its day. */
export interface AccountConsequence extends MailboxConsequence {
  readonly holdsWarmup?: true;
}

export interface ReserveRequest {
  readonly subject: QuotaSubject;
  readonly recipients: number;
  /** All of them must allow the send; a denial counts nowhere. */
  readonly limits: readonly PlanLimit[];
  readonly warmup?: PlanWarmup;
  /**
   * Least time from this reservation to the next one of the subject. A throttle divides the rate: this, or what spreading makes of it, by
   * throttleFactor, rounded up.
   */
  readonly minIntervalMs: number;
  /**
   * Close of the sending window over which the day's allowance is to be spread, ledger's clock; undefined = no spreading. The interval is
   * then at least the time until the close, divided by what the `Day` limit still allows until then: what is counted now and leaves
   * the rolling window before the close is room, too. Asked anew with every reservation, so that a changed cap, another process
   * and a sender that fell behind are followed.
   */
  readonly spreadUntilMs?: number;
  /** Extra time, already drawn at random by the caller, added to this reservation's interval; whole milliseconds, not throttled. */
  readonly jitterMs: number;
}

/** The reply that has a consequence for the account, and what is needed to apply it. */
export interface ConsequentReply {
  readonly text: string;
  readonly minStopMs: number;
  readonly limits: readonly PlanLimit[];
  readonly warmup?: PlanWarmup;
}

/** Proof of a reservation; `release` takes it back. Opaque: made by the ledger. */
export interface Reservation {
  readonly subject: QuotaSubject;
  readonly recipients: number;
  readonly token: string;
}

/** A reservation that a process was granted, and whether it gave it back. */
export interface RememberedReservation {
  readonly reservation: Reservation;
  readonly isReleased: boolean;
}

/** What one process tells of one subject to a ledger that may have lost its last writes. */
export interface ReservationRestatement {
  readonly subject: QuotaSubject;
  readonly reservations: readonly RememberedReservation[];
  /** When pacing allowed the next reservation after the last of them, ledger's clock. */
  readonly nextAtMs: number;
}

/** `used` counts the `Day` limit's window, this reservation included when it was granted; 0 when there is no `Day` limit. */
export type ReserveAnswer =
  | {
      readonly granted: true;
      readonly reservation: Reservation;
      readonly used: number;
      /** When pacing allows the next reservation. */
      readonly nextAtMs: number;
      /** Most connections at a time that a reply left to the account; undefined = as many as declared. */
      readonly maxConnections?: number;
    }
  | {
      readonly granted: false;
      /**
       * The gravest reason: a stop (`QuotaExceededAtProvider` when it is WindowReset, else `Stopped`), then the limits
       * (`QuotaExhausted`, a learned limit and the warm-up's included), then `Pacing`.
       */
      readonly reason: 'Pacing' | 'QuotaExhausted' | 'QuotaExceededAtProvider' | 'Stopped';
      /**
       * Earliest time at which asking again can succeed (ledger's clock, ms since the epoch); undefined when only a person or a
       * new Secret helps. For exhausted limits: when enough slots have left, or earlier when the warm-up's next day begins or the
       * learned limit ends; of several limits the latest; not before pacing allows.
       */
      readonly retryAtMs?: number;
      readonly used: number;
    };

/** Where the ramp of a warm-up stands. */
export interface WarmupStanding {
  /** What it allows on this day of the ramp, whatever the other limits say. */
  readonly recipientsPerDay: number;
  /** Present while it is held: the end of the day of the ramp in which the provider throttled the mailbox. */
  readonly heldUntilMs?: number;
  /** When it grows next, if nothing holds it until then. */
  readonly growsAtMs: number;
}

/**
 * Why and until when a subject is stopped. One stop at a time: a lighter one never replaces a graver one
 * (WindowReset < CredentialChanges < DnsVerified < Human); of two WindowResets the later end counts.
 */
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
  /** `Day` limit in force now: the least of the declared, the warm-up's and the learned one; Number.MAX_SAFE_INTEGER without a `Day` limit. */
  readonly cap: number;
  /** Limit that the provider showed by refusing earlier than our cap; forgotten one window after the refusal. */
  readonly learnedLimit?: number;
  readonly stop?: Stop;
  /** Sorted by name. A flag falls 24 h after the last reply that fed it. */
  readonly flags: readonly string[];
  /** 1 = full speed; a policy block divides the rate. The least factor of the replies holds, until 24 h after the last of them. */
  readonly throttleFactor: number;
  /** Most connections at a time: the least that replies left to the account, until 24 h after the last of them; undefined = as declared. */
  readonly maxConnections?: number;
  /** Present when a warm-up was asked for. */
  readonly warmup?: WarmupStanding;
  /** When the next recipient fits, by stop and limits, not by pacing; undefined = now or unknown. */
  readonly nextSlotMs?: number;
}

/**
 * Rolling-window quotas. Reserve before the wire; whatever reached the wire stays counted. All times are the ledger's own clock.
 * The count of a window is never too low: usage is kept in slots and leaves only when its whole slot is older than the window.
 * A limit that was not asked for until now counts what the other one knows of its window: an `Hour` limit that is added in the middle of an
 * hour begins with what the `Day` limit counted in that hour.
 * Wherever 24 h or a day is said, the window of the `Day` limit is meant when there is one: tests make it short.
 * Reference: `domain/quota`.
 */
export interface QuotaLedger {
  /** One script call. Counts all limits or none. */
  reserve(request: ReserveRequest): Promise<ReserveAnswer>;
  /** Takes a reservation back: only for sends that certainly never reached MAIL FROM. Releasing twice changes nothing. */
  release(reservation: Reservation): Promise<void>;
  /**
   * Applies a reply's consequence to the account: stop, throttle, flag (see policy.yaml). Answers the stop then in force.
   * `holdsWarmup`: the day of the ramp in which the reply came adds no growth; once per day, however many replies come.
   * `untilWindowReset` learns the limit (what is counted in the `Day` window now, this reply's attempt included) and stops until
   * the oldest counted usage leaves that window, at least `minStopMs`. `flagAfter` and `stopAfter` count the replies that named the
   * same flag within 24 h.
   */
  applyConsequence(
    subject: QuotaSubject,
    consequence: AccountConsequence,
    reply: ConsequentReply,
  ): Promise<Stop | undefined>;
  /**
   * Lifts a stop of the given kinds: a new Secret lifts CredentialChanges, a person lifts any. What led to it is forgotten: the
   * learned limit with WindowReset, the flags and their counters with the others. Nothing else changes.
   */
  resume(subject: QuotaSubject, kinds: readonly Stop['kind'][]): Promise<void>;
  usage(subjects: readonly Pick<ReserveRequest, 'subject' | 'limits' | 'warmup'>[]): Promise<QuotaUsage[]>;
  /**
   * Tells a ledger that may have gone back in time which reservations it had granted: what its windows do not know of counts again, at its
   * time. Each process that lived through it does so before anybody reserves again; each reservation counts once, however often it is
   * told. Answers how many reservations counted again.
   */
  restate(restatement: ReservationRestatement): Promise<number>;
}

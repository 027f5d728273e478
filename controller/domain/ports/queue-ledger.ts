import type { AttemptRecord } from '../../api/attempt.ts';
import type { QuotaSubject } from './quota-ledger.ts';

/** Identity of a message within its pool. Stable over retries, restarts and re-imports. */
export interface MessageKey {
  readonly campaign: string;
  readonly step: number;
  readonly row: number;
}

/** A pool by namespace and name. Every queue call works on one pool. */
export interface PoolKey {
  readonly namespace: string;
  readonly pool: string;
}

/** A sender process. `id` is unique per process start: two processes never share one. */
export interface SenderKey extends PoolKey {
  readonly senderId: string;
}

/** Where a waiting message may go next. */
export type Constraint =
  { readonly kind: 'Any' } | { readonly kind: 'Esp' } | { readonly kind: 'Route'; readonly route: string };

/** What a repeat has in common with the message that it repeats, so that the service gets the same bytes. */
export interface Repeated {
  /** Its Date, ledger's clock. */
  readonly dateMs: number;
  readonly messageId: string;
}

/** A message that this sender holds. No other sender gets it until it is settled or this sender is declared dead. */
export interface Claim {
  readonly key: MessageKey;
  /** Fencing token: every later call on the claim carries it and is refused once the claim was taken away. */
  readonly token: string;
  /** Attempts that already ended, 0 for a fresh message. */
  readonly attempts: number;
  /** When the first attempt began, ledger's clock; undefined for a fresh message. */
  readonly firstAttemptMs?: number;
  readonly constraint: Constraint;
  /** Why the message left its preferred kind of route earlier, empty when it did not. */
  readonly overflow: string;
  /**
   * This claim repeats a message whose end is unknown, as it was and with the same idempotency key. Undefined for any other. A repeat ends
   * as Delivered or is as Uncertain as before; nothing else is known of it.
   */
  readonly repeatOf?: Repeated;
}

/** What the sender has room for. Sources are tried in this order: waiting messages bound to `routes`, waiting ESP messages, any waiting, fresh. */
export interface ClaimDemand {
  /** Free slots per route that may take messages bound to it. */
  readonly routes: Readonly<Record<string, number>>;
  /** How many messages that may only go to an ESP. */
  readonly esp: number;
  /** How many messages that may go anywhere (waiting or fresh). */
  readonly any: number;
  /** Campaigns that may give fresh messages, in the order to serve them; the ledger takes turns. */
  readonly campaigns: readonly string[];
  /** Shared limits without room: what waits for one of them stays. Default none. */
  readonly exhausted?: readonly QuotaSubject[];
}

/** How an attempt or a hold ended, for the queue. */
export type Settlement =
  | {
      readonly kind: 'Terminal';
      readonly outcome: 'Delivered' | 'Failed' | 'Suppressed' | 'Uncertain' | 'Cancelled';
    }
  | {
      readonly kind: 'Deferred';
      readonly dueInMs: number;
      readonly constraint: Constraint;
      readonly overflow: string;
    }
  /**
   * Back to where it came from, as if never claimed; `dueInMs` keeps it away for a while. No attempt is counted. Also right after
   * `begin`, by the sender that knows that nothing was sent.
   */
  | {
      readonly kind: 'Returned';
      readonly dueInMs: number;
      readonly constraint: Constraint;
      readonly overflow: string;
      readonly repeatOf?: Repeated;
    }
  /**
   * Returned, to wait for a shared limit: it stays until a demand no longer names the limit as exhausted, be that before or after
   * `dueInMs`, which is what people are told.
   */
  | {
      readonly kind: 'Limited';
      readonly limit: QuotaSubject;
      readonly dueInMs: number;
      readonly constraint: Constraint;
      readonly overflow: string;
      readonly repeatOf?: Repeated;
    };

export interface SettleRequest {
  readonly claim: Claim;
  readonly settlement: Settlement;
  /** The attempt's record; undefined when nothing was attempted (Suppressed, Cancelled, Returned, Limited). Kept once, when the answer is Ok. */
  readonly record?: AttemptRecord;
  /** Route that the counters go to; undefined = none. */
  readonly route?: string;
  /** After Delivered: the next step of the sequence, if any. */
  readonly followUp?: FollowUp;
}

/** The next step of a sequence. It waits as a message of its own, not tried yet, that may go anywhere. */
export interface FollowUp {
  readonly step: number;
  readonly dueInMs: number;
}

/**
 * `Fenced`: the claim is not ours. `LaneLost`: the lane is not. `Paused`: the pool, the campaign or the route is suspended or
 * blocked in the plan in force or missing from it, or there is no plan. The first of these that holds is the answer.
 */
export type BeginAnswer = 'Ok' | 'Fenced' | 'Paused' | 'LaneLost';
export type SettleAnswer = 'Ok' | 'Fenced';

export interface BeginRequest {
  readonly claim: Claim;
  readonly route: string;
  /** Fence of the lane's lease (see LaneLedger); a stale one is refused. */
  readonly laneFence: number;
  readonly messageId: string;
  /** The message carries an idempotency key of the route: its Date, ledger's clock, with which it may be repeated should its end be unknown. */
  readonly keyedMs?: number;
  /** For the attempt's record, should the sender not live to write it. */
  readonly attempt: Pick<AttemptRecord, 'recipient' | 'provider' | 'account' | 'overflow'>;
}

/** What a sender still knows of a claim that it began or ended. Ages are ms until now. */
export interface RememberedClaim {
  readonly claim: Claim;
  /** `begin` answered Ok. */
  readonly begun?: { readonly request: Omit<BeginRequest, 'laneFence'>; readonly ageMs: number };
  /** `settle` answered Ok. Without it the message is on the wire. */
  readonly ended?: { readonly request: SettleRequest; readonly ageMs: number };
}

/** What one sender tells a ledger that may have lost its last writes. */
export interface Restatement {
  /** Token of the last claim that it was handed; empty = none. No later claim gets this token or one from before it. */
  readonly lastToken: string;
  /** In the order in which they were begun or ended; the same message may come several times. */
  readonly claims: readonly RememberedClaim[];
}

/**
 * `Known`: nothing was lost of it. `Restated`: the ledger has it again. `Overtaken`: the message went on since; only the record
 * of the attempt is made good. `Elsewhere`: another sender has the message on the wire: it may go out twice.
 */
export type RestateAnswer = 'Known' | 'Restated' | 'Overtaken' | 'Elsewhere';

/** A message whose sender was lost after `begin`, or says itself that its end is unknown: it may or may not have been accepted. */
export interface UncertainMessage {
  readonly key: MessageKey;
  readonly route: string;
  readonly messageId: string;
  /** Attempts that left a record. */
  readonly attempts: number;
  /** When `begin` was called, ledger's clock. */
  readonly beganMs: number;
  /** It carried an idempotency key: its Date, ledger's clock. The same for all repeats. */
  readonly keyedMs?: number;
}

/** `Delivered` and `NotAccepted` are known, or taken for it; `Repeat`: it is handed over once more with its idempotency key. */
export type Evidence = 'Delivered' | 'NotAccepted' | 'Repeat';

export interface ClaimBatch {
  readonly claims: readonly Claim[];
  /** Revision of the plan now in the ledger; empty = none. */
  readonly planRevision: string;
  /** It ended before it had looked at everything, as much was in the way that cannot be sent now: asked again, it goes on behind that. */
  readonly isCutShort: boolean;
  /** When the next of all messages that still wait is due, ledger's clock, in the past when no demand fitted it; undefined = none waits. */
  readonly nextDueMs?: number;
}

/**
 * The queue of one pool. A message is at any time in exactly one place: not yet claimed, held by one sender, waiting with a time, or ended.
 * Every call is idempotent under repetition after a lost answer. All times are the ledger's own clock.
 */
export interface QueueLedger {
  /**
   * Hands out messages. A sender without a registration (never shared, left, declared dead) gets nothing: nobody would recover its
   * claims. Nothing is handed out of a pool or campaign that is suspended or blocked in the plan or missing from it.
   */
  claim(sender: SenderKey, demand: ClaimDemand): Promise<ClaimBatch>;
  /**
   * Last gate before the wire: the claim and the lane must still be ours and nothing on the way suspended or blocked. Marks the message as
   * being on the wire: from here on, a crash leaves it Uncertain. May be repeated by the same claim.
   */
  begin(sender: SenderKey, request: BeginRequest): Promise<BeginAnswer>;
  /**
   * Ends the claim. Settling again with the same token answers Ok and changes nothing. Refused as Fenced when the claim was taken away; but
   * while its message is Uncertain for that, its sender still knows how the attempt ended, and whatever it says except Uncertain is
   * taken as if nothing had happened: the record that recovery made gives way to the true one, or to none when nothing was attempted.
   * A message that its own sender settled as Uncertain may become Delivered or Failed by the same token.
   */
  settle(sender: SenderKey, request: SettleRequest): Promise<SettleAnswer>;
  /**
   * Gives back claims that this sender no longer knows (lost answers): claims not in `held` that are not on the wire return to
   * the queue; those on the wire become Uncertain with a record, as in `recover`. Call it after the ledger was unreachable.
   */
  reconcile(sender: SenderKey, held: readonly string[]): Promise<void>;
  /**
   * Declares senders dead whose heartbeat ended and takes their claims: not on the wire → back to the queue; on the wire → Uncertain, returned
   * for evidence. Such an attempt has its one record, too (`LOST_ATTEMPT`), which counts as no reply of the provider.
   */
  recover(pool: PoolKey): Promise<readonly UncertainMessage[]>;
  /** Uncertain messages of the pool, for evidence and reports. */
  uncertain(pool: PoolKey, limit: number): Promise<readonly UncertainMessage[]>;
  /**
   * Evidence: moves an Uncertain message to Delivered, or back to the queue when it certainly was not accepted: due at once, bound
   * as before. To be repeated, it goes back bound to the route that knows its key. Fenced when the message is not Uncertain, or is to be
   * repeated and has no key or its campaign has ended (see `AudienceLedger.cancel`); not for the repetition of what was resolved. `followUp`: after Delivered, as with `settle`; once, whoever
   * finds the message delivered.
   */
  resolve(pool: PoolKey, key: MessageKey, evidence: Evidence, followUp?: FollowUp): Promise<SettleAnswer>;
  /**
   * Tells a ledger that may have gone back in time (a fail-over, a server that lost its last writes) what this sender did: what it has on
   * the wire is there again, what it ended has ended, with record, counters and follow-up. Before anybody claims again. What the ledger
   * knows stays as it is, so that it may be repeated. One answer per remembered claim.
   */
  restate(sender: SenderKey, restatement: Restatement): Promise<RestateAnswer[]>;
}

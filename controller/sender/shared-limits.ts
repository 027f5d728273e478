import type { Plan, PlanSharedLimit } from '../api/plan.ts';
import type { QuotaLedger, QuotaSubject, Reservation, ReserveAnswer } from '../domain/ports/quota-ledger.ts';
import {
  sharedLimitLookup,
  sharedReservation,
  type Correspondence,
  type SharedLimitLookup,
} from '../domain/quota/shared-limits.ts';
import type { LedgerClock } from '../domain/ledger-clock.ts';

/** A shared limit without room, and until when (ledger's clock); undefined = nobody knows. */
export interface SharedHold {
  readonly limit: PlanSharedLimit;
  readonly untilMs?: number;
}

export type SharedAnswer =
  | { readonly kind: 'Granted'; readonly reservations: readonly Reservation[] }
  | { readonly kind: 'Denied'; readonly hold: SharedHold };

/**
 * The limits that the routes of a pool share, as this sender knows them: which are exhausted, and until when. One hold per limit, not
 * per message. A changed plan is a new beginning.
 */
export class SharedLimits {
  readonly #quota: QuotaLedger;
  readonly #ledgerClock: Pick<LedgerClock, 'now'>;
  readonly #planInForce: () => Plan;
  #plan: Plan | undefined;
  #lookup: SharedLimitLookup = () => [];
  #holds = new Map<QuotaSubject, SharedHold>();

  constructor(quota: QuotaLedger, ledgerClock: Pick<LedgerClock, 'now'>, plan: () => Plan) {
    this.#quota = quota;
    this.#ledgerClock = ledgerClock;
    this.#planInForce = plan;
  }

  /** The hold of the whole pool. */
  get poolHold(): SharedHold | undefined {
    return this.#inForce().find(({ limit }) => limit.kind === 'Pool');
  }

  /** Limits for which messages wait one by one, while others go on. */
  get exhausted(): QuotaSubject[] {
    return this.#inForce().flatMap(({ limit }) => (limit.kind === 'Pool' ? [] : [limit.quotaSubject]));
  }

  /** Why a message must wait, as far as is known without asking. */
  holdOf(message: Correspondence): SharedHold | undefined {
    const holds = this.#inForce();
    if (holds.length === 0) return undefined;
    const subjects = this.#limitsOf(message).map(({ quotaSubject }) => quotaSubject);
    return holds.find(({ limit }) => subjects.includes(limit.quotaSubject));
  }

  /** Reserves in all limits that the message counts in, or in none of them. One pipelined round trip, none without such limits. */
  async reserve(message: Correspondence): Promise<SharedAnswer> {
    const limits = this.#limitsOf(message);
    const asked = await Promise.allSettled(
      limits.map((limit) => this.#quota.reserve(sharedReservation(limit))),
    );
    const reservations = asked.flatMap((one) =>
      one.status === 'fulfilled' && one.value.granted ? [one.value.reservation] : [],
    );
    const isGranted = reservations.length === limits.length;
    if (isGranted) return { kind: 'Granted', reservations };
    await this.release(reservations);
    return { kind: 'Denied', hold: this.#noteDenials(limits, asked) };
  }

  async release(reservations: readonly Reservation[]): Promise<void> {
    await Promise.all(reservations.map((reservation) => this.#quota.release(reservation)));
  }

  /**
   * Looks whether exhausted limits have room before their time: another sender gave a reservation back, or was denied one that this
   * one held for a moment.
   */
  async tend(): Promise<void> {
    const holds = this.#inForce();
    if (holds.length === 0) return;
    const usage = await this.#quota.usage(
      holds.map(({ limit }) => ({ subject: limit.quotaSubject, limits: limit.limits })),
    );
    for (const { subject, nextSlotMs } of usage) {
      const hold = this.#holds.get(subject);
      if (nextSlotMs === undefined) this.#holds.delete(subject);
      else if (hold) this.#holds.set(subject, { limit: hold.limit, untilMs: nextSlotMs });
    }
  }

  /** @throws what an answer that did not come was rejected with. */
  #noteDenials(
    limits: readonly PlanSharedLimit[],
    asked: readonly PromiseSettledResult<ReserveAnswer>[],
  ): SharedHold {
    const lost = asked.find((one) => one.status === 'rejected');
    if (lost) throw lost.reason;
    const denied = limits.flatMap((limit, index) => {
      const one = asked[index];
      if (one?.status !== 'fulfilled' || one.value.granted) return [];
      const { retryAtMs } = one.value;
      return [{ limit, ...(retryAtMs === undefined ? {} : { untilMs: retryAtMs }) }];
    });
    for (const hold of denied) this.#holds.set(hold.limit.quotaSubject, hold);
    const [first] = denied;
    if (first === undefined) throw new Error('a shared limit neither granted nor denied');
    return first;
  }

  #inForce(): SharedHold[] {
    this.#follow();
    if (this.#holds.size === 0) return [];
    const nowMs = this.#ledgerClock.now();
    for (const [subject, { untilMs = Infinity }] of this.#holds)
      if (untilMs <= nowMs) this.#holds.delete(subject);
    return [...this.#holds.values()];
  }

  #limitsOf(message: Correspondence): readonly PlanSharedLimit[] {
    this.#follow();
    return this.#lookup(message);
  }

  #follow(): void {
    const plan = this.#planInForce();
    if (plan === this.#plan) return;
    this.#plan = plan;
    this.#lookup = sharedLimitLookup(plan.sharedLimits);
    this.#holds = new Map();
  }
}

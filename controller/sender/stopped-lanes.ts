import type { QuotaLedger } from '../domain/ports/quota-ledger.ts';
import { routeAllowance } from '../domain/quota/room.ts';
import type { Hold, Lane } from './lane.ts';
import type { LedgerClock } from '../domain/ledger-clock.ts';

/** Holds that end when a Secret appears or changes. */
const CREDENTIAL_REASONS = new Set(['CredentialsInvalid', 'SecretNotFound', 'SecretKeyNotFound']);
/** Holds that the quota ledger can lift before their time: room was made, another sender's lane told otherwise. */
const QUOTA_REASONS = new Set(['QuotaExhausted', 'QuotaExceededAtProvider']);
/** Stops that a person or DNS lifts. With a time they are the lane's own cooling off, of which the ledger knows nothing. */
const STOP_REASONS = new Set(['PolicyBlocked', 'AccountDisabled', 'SenderUnauthenticated']);

/**
 * Brings lanes back whose hold ended otherwise than by time. A lane whose login was refused is tried once more when its Secret
 * changed, and once when this process took it over (the Secret may have changed meanwhile).
 */
export class StoppedLanes {
  readonly #quota: QuotaLedger;
  readonly #ledgerClock: LedgerClock;

  constructor(quota: QuotaLedger, ledgerClock: LedgerClock) {
    this.#quota = quota;
    this.#ledgerClock = ledgerClock;
  }

  /** Asks about every held lane once; the quota of all of them in one batch. */
  async tend(lanes: ReadonlyMap<string, Lane>): Promise<void> {
    const held = [...lanes.values()].filter((lane) => this.#holdOf(lane));
    await this.#liftQuotaHolds(held.filter((lane) => this.#isHeldByLedger(lane)));
    for (const lane of held) {
      if (CREDENTIAL_REASONS.has(this.#holdOf(lane)?.reason ?? '')) await this.#retryWithNewCredentials(lane);
    }
  }

  async #liftQuotaHolds(lanes: readonly Lane[]): Promise<void> {
    if (lanes.length === 0) return;
    const usage = await this.#quota.usage(
      lanes.map(({ plan }) => ({ subject: plan.quotaSubject, ...routeAllowance(plan) })),
    );
    lanes.forEach((lane, index) => {
      const now = usage[index];
      const hasRoom = now?.nextSlotMs === undefined || now.nextSlotMs <= this.#ledgerClock.now();
      if (now && !now.stop && now.used < now.cap && hasRoom) lane.clearHold();
    });
  }

  async #retryWithNewCredentials(lane: Lane): Promise<void> {
    const version = await lane.credentialsVersion();
    if (version === undefined || version === lane.refusedVersion) return;
    await this.#quota.resume(lane.plan.quotaSubject, ['CredentialChanges']);
    lane.clearHold();
  }

  #isHeldByLedger(lane: Lane): boolean {
    const hold = this.#holdOf(lane);
    if (!hold) return false;
    return QUOTA_REASONS.has(hold.reason) || (STOP_REASONS.has(hold.reason) && hold.untilMs === undefined);
  }

  #holdOf(lane: Lane): Hold | undefined {
    return lane.holdAt(this.#ledgerClock.now());
  }
}

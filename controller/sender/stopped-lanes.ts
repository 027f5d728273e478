import type { QuotaLedger } from '../domain/ports/quota-ledger.ts';
import type { Lane } from './lane.ts';
import type { LedgerClock } from './ledger-clock.ts';

/** Holds that end when a Secret appears or changes. */
const CREDENTIAL_REASONS = new Set(['CredentialsInvalid', 'SecretNotFound', 'SecretKeyNotFound']);

/**
 * Brings lanes back that wait for something else than time: a lane whose login was refused is tried once more when its Secret
 * changed, and once when this process took it over (the Secret may have changed meanwhile).
 */
export class StoppedLanes {
  readonly #quota: QuotaLedger;
  readonly #ledgerClock: LedgerClock;

  constructor(quota: QuotaLedger, ledgerClock: LedgerClock) {
    this.#quota = quota;
    this.#ledgerClock = ledgerClock;
  }

  async tend(lanes: ReadonlyMap<string, Lane>): Promise<void> {
    for (const lane of lanes.values()) {
      const hold = lane.holdAt(this.#ledgerClock.now());
      if (hold && CREDENTIAL_REASONS.has(hold.reason)) await this.#retryWithNewCredentials(lane);
    }
  }

  async #retryWithNewCredentials(lane: Lane): Promise<void> {
    const version = await lane.credentialsVersion();
    if (version === undefined || version === lane.refusedVersion) return;
    await this.#quota.resume(lane.plan.quotaSubject, ['CredentialChanges']);
    lane.clearHold();
  }
}

import type { Reason } from '../../api/reasons.ts';
import type { PoolKey, SenderKey } from './queue-ledger.ts';

/** What one lane tells the others: routes are chosen with the whole pool in view, not only one's own lanes. */
export interface LaneState {
  readonly route: string;
  /** `Connected` = can take messages (now or after its pacing); everything else says why not. */
  readonly reason: Reason;
  /** When the reason ends, ledger's clock; undefined = unknown or not by time. */
  readonly untilMs?: number;
  readonly message: string;
}

export interface OwnedLane {
  readonly route: string;
  /** Grows each time the lane changes hands. */
  readonly fence: number;
}

export interface LaneShare {
  readonly owned: readonly OwnedLane[];
  /** States of all lanes of the pool, the latest that their owners told. */
  readonly states: readonly LaneState[];
  readonly senders: number;
  /** True when another sender declared this one dead; everything it held is gone. It must start anew with a new id. */
  readonly evicted: boolean;
  /** Ledger's clock now, ms since the epoch. */
  readonly nowMs: number;
}

/** Shares the lanes of a pool among its senders by leases. */
export interface LaneLedger {
  /**
   * Heartbeat: registers the sender or renews it for `leaseMs`, renews its lanes, takes free lanes up to its fair share of `routes`
   * (their number by that of the senders, rounded up), gives up what is above it or no longer among `routes` (never one of `busy`),
   * and tells its lanes' states. The lanes of a sender that is silent for `leaseMs` are free.
   */
  share(
    sender: SenderKey,
    request: {
      readonly leaseMs: number;
      readonly routes: readonly string[];
      readonly busy: readonly string[];
      readonly states: readonly LaneState[];
    },
  ): Promise<LaneShare>;
  /** States of all lanes of the pool, for reports; empty when no sender ever ran. */
  states(pool: PoolKey): Promise<readonly LaneState[]>;
  /** Orderly end: gives up all lanes and the registration. Claims must have been settled or returned before. */
  leave(sender: SenderKey): Promise<void>;
}

import type { AudienceLedger } from './audience-ledger.ts';
import type { LaneLedger } from './lane-ledger.ts';
import type { PlanLedger } from './plan-ledger.ts';
import type { QueueLedger } from './queue-ledger.ts';
import type { QuotaLedger } from './quota-ledger.ts';
import type { ReportLedger } from './report-ledger.ts';
import type { SuppressionLedger } from './suppression-ledger.ts';

/** How durable the ledger is, and what to change when it is not. */
export interface LedgerHealth {
  readonly reason: 'LedgerDurable' | 'LedgerNotDurable' | 'LedgerEvicts' | 'LedgerLost';
  /** Names the setting and the value it should have. */
  readonly message: string;
}

/**
 * All run-time state. Every method rejects with `LedgerUnavailable` when the store cannot be reached or cannot record,
 * and with `LedgerLost` when its content was wiped under us: senders then send nothing.
 */
export interface Ledger {
  /** Which ledger this is; another one from when a person has confirmed a loss. While it is lost: the lost one. */
  readonly id: string;
  /** Ids of lost ledgers that a person let it replace, the latest first: who knew one of them knows this one. */
  readonly replaces: readonly string[];
  readonly quota: QuotaLedger;
  readonly queue: QueueLedger;
  readonly lanes: LaneLedger;
  readonly suppression: SuppressionLedger;
  readonly audience: AudienceLedger;
  readonly plans: PlanLedger;
  readonly reports: ReportLedger;
  /** Ledger's clock, ms since the epoch. */
  now(): Promise<number>;
  /** Rejects with LedgerUnavailable only; a lost ledger is an answer. */
  health(): Promise<LedgerHealth>;
  close(): Promise<void>;
}

/** The store cannot be reached, is loading, is out of memory or read-only: wait and ask again; nothing was decided. */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable';
}

/** The store answers but has lost what it held (e.g. FLUSHALL): nothing may be sent until a person confirms. */
export class LedgerLost extends Error {
  override readonly name = 'LedgerLost';
}

/** There is no ledger yet, and whoever asked may not make one. */
export class LedgerAbsent extends Error {
  override readonly name = 'LedgerAbsent';
}

import type { PoolKey } from './queue-ledger.ts';

/** A recipient with what the template needs. */
export interface AudienceRow {
  /** The address as it will be written at RCPT. */
  readonly address: string;
  /** Identity for de-duplication: equal for the same mailbox in any spelling. */
  readonly key: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface AudienceCounts {
  readonly read: number;
  readonly accepted: number;
  readonly invalid: number;
  readonly duplicate: number;
}

export interface CampaignKey extends PoolKey {
  readonly campaign: string;
}

/** Counts of a campaign's messages by outcome, all steps together. */
export interface CampaignCounts {
  readonly total: number;
  readonly pending: number;
  readonly inFlight: number;
  readonly delivered: number;
  readonly deferred: number;
  readonly failed: number;
  readonly suppressed: number;
  readonly uncertain: number;
  readonly cancelled: number;
  /** Delivered by a second choice of route. */
  readonly overflow: number;
  readonly startedMs?: number;
  readonly completedMs?: number;
  readonly nextDueMs?: number;
}

export interface AudienceState {
  /** Revision of the source that is in force; empty = never imported, or cancelled since. */
  readonly revision: string;
  /** Rows that a commit made visible, the cancelled ones included. */
  readonly rows: number;
  readonly counts: AudienceCounts;
}

/** Rows of a chunk; a chunk is the unit of storage and of reading. */
export const AUDIENCE_CHUNK_ROWS = 250;

/**
 * Audiences, compact: rows in chunks, an outcome of four bits per row and step. A row keeps its index for ever, so a changed
 * audience never mails anyone twice: known rows stay, new rows are added behind, removed rows that were not sent are cancelled.
 */
export interface AudienceLedger {
  state(key: CampaignKey): Promise<AudienceState>;
  /** Appends rows behind those stored; not visible to `claim` before `commit`. A half-written import is overwritten by the next. */
  append(key: CampaignKey, firstRow: number, rows: readonly AudienceRow[]): Promise<void>;
  /**
   * Makes an import visible as one change: `total` rows exist, `removed` rows are cancelled unless already tried or with a sender,
   * `restored` rows (cancelled earlier, in the source again) become pending again. Repeating it changes nothing.
   */
  commit(
    key: CampaignKey,
    change: {
      readonly revision: string;
      readonly total: number;
      readonly removed: readonly number[];
      readonly restored: readonly number[];
      readonly counts: AudienceCounts;
    },
  ): Promise<void>;
  /** Rows of one chunk, by index of the chunk; empty when it does not exist. */
  chunk(key: CampaignKey, chunk: number): Promise<readonly AudienceRow[]>;
  counts(key: CampaignKey): Promise<CampaignCounts>;
  /** Indexes of rows whose first step is Cancelled: what an import may restore. */
  cancelledRows(key: CampaignKey): Promise<readonly number[]>;
  /**
   * Cancels everything that is not tried yet or waits (campaign deleted, or its end time passed), but for a repeat, which is as Uncertain as
   * before. What a sender holds goes on, and ends in the same way instead of waiting again, until an import brings the campaign back.
   * Forgets the source's revision, so that the same source, declared again, is imported again and restores what it names. Answers how many ended.
   */
  cancel(key: CampaignKey): Promise<number>;
}

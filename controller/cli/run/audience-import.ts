import { createHash } from 'node:crypto';
import { ImportComparison, type StoredRow } from '../../domain/audience/import-plan.ts';
import { AudienceReading, type RejectedRow } from '../../domain/audience/read-audience.ts';
import type { AudienceRequest } from '../../domain/compile/compilation.ts';
import {
  AUDIENCE_CHUNK_ROWS,
  type AudienceCounts,
  type AudienceLedger,
  type AudienceRow,
  type CampaignKey,
} from '../../domain/ports/audience-ledger.ts';

export interface ImportedAudience {
  readonly isChanged: boolean;
  readonly counts: AudienceCounts;
  /** The first rejected rows, for people; their number is in `counts`. */
  readonly rejected: readonly RejectedRow[];
}

const SHOWN_REJECTIONS = 5;

/**
 * Brings a campaign's audience into the ledger: known rows keep their place, new ones are added behind, missing ones are cancelled.
 * The same content again is a no-op. Throws AudienceUnreadable, and then nothing has changed.
 */
export async function importAudience(
  ledger: AudienceLedger,
  request: Omit<AudienceRequest, 'location'>,
  content: string,
): Promise<ImportedAudience> {
  const { key, format, emailColumn } = request;
  const revision = createHash('sha256')
    .update(`${format}\n${emailColumn}\n`)
    .update(content)
    .digest('hex')
    .slice(0, 32);
  const before = await ledger.state(key);
  if (before.revision === revision) return { isChanged: false, counts: before.counts, rejected: [] };
  const stored = await storedRows(ledger, key, before.rows);
  const comparison = new ImportComparison(stored);
  const reading = new AudienceReading(content, { format, emailColumn });
  const appended = new RowAppender(ledger, key, stored.length);
  const rejected: RejectedRow[] = [];
  for await (const item of reading) {
    if ('rejected' in item) {
      if (rejected.length < SHOWN_REJECTIONS) rejected.push(item);
    } else if (comparison.isNew(item.row.key)) await appended.add(item.row);
  }
  const total = await appended.finish();
  await ledger.commit(key, { revision, total, ...comparison.finish(), counts: reading.counts });
  return { isChanged: true, counts: reading.counts, rejected };
}

/** What earlier commits made visible; rows of an import that broke off are not among them. */
async function storedRows(ledger: AudienceLedger, key: CampaignKey, count: number): Promise<StoredRow[]> {
  const cancelled = new Set(await ledger.cancelledRows(key));
  const stored: StoredRow[] = [];
  for (let chunk = 0; stored.length < count; chunk += 1) {
    const rows = (await ledger.chunk(key, chunk)).slice(0, count - stored.length);
    if (rows.length === 0)
      throw new Error(`Campaign ${key.campaign}: chunk ${chunk} of its audience is missing in the ledger`);
    for (const row of rows)
      stored.push({ row: stored.length, key: row.key, cancelled: cancelled.has(stored.length) });
  }
  return stored;
}

/** Collects rows and appends them a chunk's worth at a time. */
class RowAppender {
  readonly #ledger: AudienceLedger;
  readonly #key: CampaignKey;
  #next: number;
  #rows: AudienceRow[] = [];

  constructor(ledger: AudienceLedger, key: CampaignKey, firstRow: number) {
    this.#ledger = ledger;
    this.#key = key;
    this.#next = firstRow;
  }

  async add(row: AudienceRow): Promise<void> {
    this.#rows.push(row);
    if (this.#rows.length >= AUDIENCE_CHUNK_ROWS) await this.#flush();
  }

  /** Appends the rest; answers how many rows there are now. */
  async finish(): Promise<number> {
    if (this.#rows.length > 0) await this.#flush();
    return this.#next;
  }

  async #flush(): Promise<void> {
    await this.#ledger.append(this.#key, this.#next, this.#rows);
    this.#next += this.#rows.length;
    this.#rows = [];
  }
}

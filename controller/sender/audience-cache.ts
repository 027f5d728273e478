import { AUDIENCE_CHUNK_ROWS, type AudienceRow, type CampaignKey } from '../domain/ports/audience-ledger.ts';
import type { Ledger } from '../domain/ports/ledger.ts';

/** Chunks kept: enough for a few campaigns in turn; a chunk is read once and used for all its rows. */
const MAX_CHUNKS = 64;

/**
 * Rows of audiences by index, read a chunk at a time and kept for the rows that follow. In another ledger, which took the place of a
 * lost one, a row may have another index.
 */
export class AudienceCache {
  readonly #ledger: Pick<Ledger, 'id' | 'audience'>;
  #ledgerId: string;
  readonly #chunks = new Map<string, Promise<readonly AudienceRow[]>>();

  constructor(ledger: Pick<Ledger, 'id' | 'audience'>) {
    this.#ledger = ledger;
    this.#ledgerId = ledger.id;
  }

  /** The row, or undefined when the audience has no such row. */
  async row(key: CampaignKey, index: number): Promise<AudienceRow | undefined> {
    const chunk = Math.floor(index / AUDIENCE_CHUNK_ROWS);
    const known = (await this.#chunk(key, chunk))[index % AUDIENCE_CHUNK_ROWS];
    if (known) return known;
    // The last chunk grows when rows are added behind.
    this.#chunks.delete(nameOf(key, chunk));
    return (await this.#chunk(key, chunk))[index % AUDIENCE_CHUNK_ROWS];
  }

  #chunk(key: CampaignKey, chunk: number): Promise<readonly AudienceRow[]> {
    if (this.#ledgerId !== this.#ledger.id) this.#chunks.clear();
    this.#ledgerId = this.#ledger.id;
    const name = nameOf(key, chunk);
    const known = this.#chunks.get(name);
    if (known) return known;
    const loading = this.#ledger.audience.chunk(key, chunk);
    this.#chunks.set(name, loading);
    // A chunk that could not be read is asked for again next time; the caller sees the error.
    loading.catch(() => this.#chunks.delete(name));
    this.#forgetOldest();
    return loading;
  }

  #forgetOldest(): void {
    if (this.#chunks.size <= MAX_CHUNKS) return;
    const oldest = this.#chunks.keys().next();
    if (!oldest.done) this.#chunks.delete(oldest.value);
  }
}

function nameOf(key: CampaignKey, chunk: number): string {
  return `${key.namespace}/${key.pool}/${key.campaign}/${chunk}`;
}

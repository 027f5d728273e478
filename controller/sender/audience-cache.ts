import {
  AUDIENCE_CHUNK_ROWS,
  type AudienceLedger,
  type AudienceRow,
  type CampaignKey,
} from '../domain/ports/audience-ledger.ts';

/** Chunks kept: enough for a few campaigns in turn; a chunk is read once and used for all its rows. */
const MAX_CHUNKS = 64;

/** Rows of audiences by index, read a chunk at a time and kept for the rows that follow. */
export class AudienceCache {
  readonly #ledger: AudienceLedger;
  readonly #chunks = new Map<string, Promise<readonly AudienceRow[]>>();

  constructor(ledger: AudienceLedger) {
    this.#ledger = ledger;
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
    const name = nameOf(key, chunk);
    const known = this.#chunks.get(name);
    if (known) return known;
    const loading = this.#ledger.chunk(key, chunk);
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

import {
  AUDIENCE_CHUNK_ROWS,
  type AudienceCounts,
  type AudienceLedger,
  type AudienceRow,
  type AudienceState,
  type CampaignCounts,
  type CampaignKey,
} from '../domain/ports/audience-ledger.ts';
import { nextDueMs } from './next-due.ts';
import { number } from './reply.ts';
import { RETENTION_MS } from './retention.ts';
import { decodeRows, encodeRows } from './row-codec.ts';
import type { Store } from './store.ts';

/** Rows that one script call changes. */
const BATCH = 2_000;

/** The state Cancelled in lua/include/outcomes.lua. */
const CANCELLED = 5;

const COUNTERS = [
  'total',
  'pending',
  'inFlight',
  'delivered',
  'deferred',
  'failed',
  'suppressed',
  'uncertain',
  'cancelled',
  'overflow',
] as const;

/** Audiences in Redis: deflated chunks of rows, four bits of outcome per row and step. See lua/audience-*.lua. */
export class RedisAudienceLedger implements AudienceLedger {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async state(key: CampaignKey): Promise<AudienceState> {
    const values = await this.#fields(key, ['revision', 'rows', 'read', 'accepted', 'invalid', 'duplicate']);
    const [revision, rows, read, accepted, invalid, duplicate] = values;
    return {
      revision: revision ?? '',
      rows: Number(rows ?? 0),
      counts: {
        read: Number(read ?? 0),
        accepted: Number(accepted ?? 0),
        invalid: Number(invalid ?? 0),
        duplicate: Number(duplicate ?? 0),
      },
    };
  }

  async append(key: CampaignKey, firstRow: number, rows: readonly AudienceRow[]): Promise<void> {
    const { rows: stored } = this.#store.keys.campaign(key);
    for (let done = 0; done < rows.length;) {
      const row = firstRow + done;
      const index = Math.floor(row / AUDIENCE_CHUNK_ROWS);
      const offset = row % AUDIENCE_CHUNK_ROWS;
      const before = offset === 0 ? [] : (await this.#storedChunk(key, index)).slice(0, offset);
      const added = rows.slice(done, done + AUDIENCE_CHUNK_ROWS - offset);
      const encoded = await encodeRows([...before, ...added]);
      await this.#store.ask((client) => client.hset(stored, String(index), encoded));
      done += added.length;
    }
  }

  async commit(
    key: CampaignKey,
    change: {
      readonly revision: string;
      readonly total: number;
      readonly removed: readonly number[];
      readonly restored: readonly number[];
      readonly counts: AudienceCounts;
    },
  ): Promise<void> {
    await this.#change(key, 'cancel', change.removed);
    await this.#change(key, 'restore', change.restored);
    const { campaigns } = this.#store.keys.pool(key);
    const { rows, outcomes } = this.#store.keys.campaign(key);
    const { read, accepted, invalid, duplicate } = change.counts;
    await this.#store.run(
      'audience-commit',
      [campaigns, rows, outcomes],
      [key.campaign, change.revision, change.total, read, accepted, invalid, duplicate],
    );
  }

  async chunk(key: CampaignKey, chunk: number): Promise<readonly AudienceRow[]> {
    const [stored, [rows]] = await Promise.all([this.#storedChunk(key, chunk), this.#fields(key, ['rows'])]);
    return stored.slice(0, Math.max(0, Number(rows ?? 0) - chunk * AUDIENCE_CHUNK_ROWS));
  }

  async counts(key: CampaignKey): Promise<CampaignCounts> {
    const values = await this.#fields(key, [...COUNTERS, 'startedMs', 'completedMs']);
    const count = (name: (typeof COUNTERS)[number]): number => Number(values[COUNTERS.indexOf(name)] ?? 0);
    const [startedMs, completedMs] = values.slice(COUNTERS.length);
    const dueMs = await nextDueMs(this.#store, key);
    return {
      total: count('total'),
      pending: count('pending'),
      inFlight: count('inFlight'),
      delivered: count('delivered'),
      deferred: count('deferred'),
      failed: count('failed'),
      suppressed: count('suppressed'),
      uncertain: count('uncertain'),
      cancelled: count('cancelled'),
      overflow: count('overflow'),
      ...(startedMs !== null && { startedMs: Number(startedMs) }),
      ...(completedMs !== null && { completedMs: Number(completedMs) }),
      ...(dueMs !== undefined && { nextDueMs: dueMs }),
    };
  }

  async cancelledRows(key: CampaignKey): Promise<readonly number[]> {
    const { outcomes } = this.#store.keys.campaign(key);
    const rows: number[] = [];
    let page = '0';
    do {
      const [next, fields] = await this.#store.ask((client) =>
        client.hscanBuffer(outcomes, page, 'COUNT', BATCH),
      );
      for (let index = 0; index < fields.length; index += 2) {
        const [step, chunk] = String(fields[index]).split(':');
        const cancelled = rowsInState(fields[index + 1] ?? Buffer.alloc(0), CANCELLED);
        if (step === '0') rows.push(...cancelled.map((row) => Number(chunk) * AUDIENCE_CHUNK_ROWS + row));
      }
      page = String(next);
    } while (page !== '0');
    return [...new Set(rows)].sort((one, other) => one - other);
  }

  async cancel(key: CampaignKey): Promise<number> {
    const { waiting } = this.#store.keys.pool(key);
    const [rows] = await this.#fields(key, ['rows']);
    let cancelled = await this.#cancelPart(key, 0, 0, []);
    for (let row = 0; row < Number(rows ?? 0); row += BATCH) {
      cancelled += await this.#cancelPart(key, row, row + BATCH, []);
    }
    let page = '0';
    do {
      const [next, fields] = await this.#store.ask((client) =>
        client.hscan(waiting, page, 'MATCH', `${key.campaign}/*`, 'COUNT', BATCH),
      );
      const ids = fields.filter((_field, index) => index % 2 === 0);
      if (ids.length > 0) cancelled += await this.#cancelPart(key, 0, 0, ids);
      page = next;
    } while (page !== '0');
    return cancelled;
  }

  async #storedChunk(key: CampaignKey, chunk: number): Promise<AudienceRow[]> {
    const { rows } = this.#store.keys.campaign(key);
    const stored = await this.#store.ask((client) => client.hgetBuffer(rows, String(chunk)));
    return stored === null ? [] : decodeRows(stored);
  }

  async #cancelPart(
    key: CampaignKey,
    fromRow: number,
    toRow: number,
    ids: readonly string[],
  ): Promise<number> {
    const {
      campaigns,
      waiting,
      schedule,
      parked,
      limited,
      uncertain,
      routes: tallies,
    } = this.#store.keys.pool(key);
    const { rows, outcomes } = this.#store.keys.campaign(key);
    const reply = await this.#store.run(
      'audience-cancel',
      [campaigns, rows, outcomes, waiting, schedule, parked, limited, uncertain, tallies],
      [key.campaign, fromRow, toRow, RETENTION_MS, ...ids],
    );
    return number(reply);
  }

  async #change(key: CampaignKey, way: 'cancel' | 'restore', rows: readonly number[]): Promise<void> {
    const { campaigns, waiting, schedule, limited } = this.#store.keys.pool(key);
    const { outcomes } = this.#store.keys.campaign(key);
    for (let from = 0; from < rows.length; from += BATCH) {
      await this.#store.run(
        'audience-rows',
        [campaigns, outcomes, waiting, schedule, limited],
        [key.campaign, way, ...rows.slice(from, from + BATCH)],
      );
    }
  }

  #fields(key: CampaignKey, names: readonly string[]): Promise<(string | null)[]> {
    const { campaigns } = this.#store.keys.pool(key);
    return this.#store.ask((client) =>
      client.hmget(campaigns, ...names.map((name) => `${key.campaign}/${name}`)),
    );
  }
}

/** Positions of a chunk of outcomes, four bits each, that are in the state. */
function rowsInState(chunk: Buffer, state: number): number[] {
  return [...chunk].flatMap((byte, index) => {
    const pair = [byte >> 4, byte & 15];
    return pair.flatMap((found, half) => (found === state ? [index * 2 + half] : []));
  });
}

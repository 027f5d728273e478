import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LedgerIds } from '../../ledger/identity.ts';

const recordSchema = z.object({
  place: z.string(),
  ledger: z.string().min(1),
  replaces: z.array(z.string()).default([]),
});

/**
 * What this machine remembers of a ledger: its id and those of the lost ones that it replaces, in a small file outside of Redis, so that a Redis that was emptied is not taken for one
 * that is new.
 */
export class StateFile {
  readonly path: string;
  readonly #directory: string;
  readonly #place: string;

  /** `directory`: for the state of programs, made when it is not there. `place`: see `ledgerPlace`. */
  constructor(directory: string, place: string) {
    const name = createHash('sha256').update(place).digest('hex').slice(0, 16);
    this.#directory = join(directory, 'ledgers');
    this.#place = place;
    this.path = join(this.#directory, `${name}.json`);
  }

  /** The ledger's ids; undefined = this machine knows of none there. Throws when there is a file that cannot be read. */
  async recall(): Promise<LedgerIds | undefined> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
      throw new Error(`${this.path}, which says which ledger was used, cannot be read: ${error.message}`);
    });
    if (text === undefined) return undefined;
    const record = recordSchema.safeParse(jsonOf(text));
    if (record.success) return [record.data.ledger, ...record.data.replaces];
    throw new Error(
      `${this.path} does not say which ledger was used: it is damaged; delete it when Redis has not lost its content`,
    );
  }

  /** Remembers this ledger from now on, also through a crash of the machine. Throws when that cannot be written. */
  async remember([ledger, ...replaces]: LedgerIds): Promise<void> {
    const known = await this.recall().catch(() => undefined);
    if (known?.join() === [ledger, ...replaces].join()) return;
    await mkdir(this.#directory, { recursive: true });
    const aside = `${this.path}.${process.pid}`;
    const file = await open(aside, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ place: this.#place, ledger, replaces })}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, this.path);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { RedisClient } from '../scripts.ts';

/** What a step works with. */
export interface MigrationParts {
  readonly client: RedisClient;
  /** Begins every key of the ledger. */
  readonly prefix: string;
}

/**
 * One change of the ledger's layout. No program of an older schema writes any more while it runs. It may be broken off at any point and be
 * run again, also by two processes at once: what it has done before must not harm it.
 */
export interface Migration {
  /** The schema that it leads to, from the one before. */
  readonly to: number;
  run(parts: MigrationParts): Promise<void>;
}

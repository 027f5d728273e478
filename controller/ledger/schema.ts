import { latestSchema, MIGRATIONS } from './migrations/migrations.ts';

/** Version of the ledger's keys and scripts. A ledger of a higher one is refused, one of a lower one is migrated. */
export const LEDGER_SCHEMA_VERSION = latestSchema(MIGRATIONS);

import type { Migration } from './migration.ts';

/** All changes of layout, in their order; the last leads to LEDGER_SCHEMA_VERSION. */
export const MIGRATIONS: readonly Migration[] = [
  { to: 1, what: 'the ledger carries its version; its content is as before', run: async () => undefined },
];

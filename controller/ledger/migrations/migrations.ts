import type { Migration } from './migration.ts';

/** All changes of layout, in their order; the last leads to what this program knows. */
export const MIGRATIONS: readonly Migration[] = [
  // The ledger carries its version; its content is as before.
  { to: 1, run: async () => undefined },
];

/** The schema that all of them lead to. */
export function latestSchema(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.to ?? 0;
}

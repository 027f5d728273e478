import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { throwLedgerFailure } from '../failure.ts';
import type { FoundLedger } from '../ledger-look.ts';
import type { ScriptRunner } from '../scripts.ts';
import type { Migration, MigrationParts } from './migration.ts';
import { latestSchema, MIGRATIONS } from './migrations.ts';

export interface MigrateParts extends MigrationParts {
  readonly runner: ScriptRunner;
  /** Key of the identity. */
  readonly key: string;
  readonly look: () => Promise<FoundLedger>;
}

/** A process that died in a migration keeps the others waiting for so long, ms. Two at once would be harmless: see `Migration`. */
const LOCK_MS = 15_000;
/** Between noting the new schema and the first step, ms: programs of the older schema look every 250 ms, and then write no more. */
const FENCE_MS = 1_000;
const WAIT_MS = 250;

/**
 * Brings the ledger to the schema of the last migration. Resolves when it is there, whoever did it. What broke off is taken up at the step
 * where it broke off.
 */
export async function migrateLedger(
  found: FoundLedger,
  parts: MigrateParts,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const target = latestSchema(migrations);
  let now = found;
  while (now.schema < target || now.migratingFrom !== undefined) {
    const token = randomUUID();
    const hasLock = await lock(parts, token);
    if (hasLock) await runAndUnlock(parts, migrations, { target, token });
    else await pause(WAIT_MS);
    now = await parts.look();
  }
}

async function runAndUnlock(
  parts: MigrateParts,
  migrations: readonly Migration[],
  { target, token }: { target: number; token: string },
): Promise<void> {
  try {
    await runSteps(parts, migrations, target);
  } finally {
    await unlock(parts, token);
  }
}

async function runSteps(
  parts: MigrateParts,
  migrations: readonly Migration[],
  target: number,
): Promise<void> {
  const { schema, migratingFrom } = await parts.look();
  const from = migratingFrom ?? schema;
  const steps = migrations.filter(({ to }) => to > from);
  if (steps.length === 0) return;
  const note = (done: number) => parts.runner.run('ledger-migrate', [parts.key], [done, target]);
  await note(from);
  await pause(FENCE_MS);
  for (const step of steps) {
    await step.run(parts).catch(throwLedgerFailure);
    await note(step.to);
  }
}

function lockKey({ key }: MigrateParts): string {
  return `${key}:migrating`;
}

async function lock(parts: MigrateParts, token: string): Promise<boolean> {
  const { client } = parts;
  const answer = await client.set(lockKey(parts), token, 'PX', LOCK_MS, 'NX').catch(throwLedgerFailure);
  return answer === 'OK';
}

async function unlock(parts: MigrateParts, token: string): Promise<void> {
  const { client } = parts;
  const holder = await client.get(lockKey(parts)).catch(throwLedgerFailure);
  if (holder === token) await client.del(lockKey(parts)).catch(throwLedgerFailure);
}

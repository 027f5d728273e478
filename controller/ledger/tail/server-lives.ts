import { Cluster, type Redis } from 'ioredis';
import { LedgerUnavailable } from '../../domain/ports/ledger.ts';
import { throwLedgerFailure } from '../failure.ts';
import { NOT_ALLOWED } from '../health.ts';
import { optionalNumber } from '../reply.ts';
import type { RedisClient, ScriptRunner } from '../scripts.ts';

/**
 * The lives of the servers that are written to, as lua/include/history.lua names them: other ones after a restart or a fail-over, the same
 * after a mere break of the connection, in which nothing is lost. Undefined where the user may not ask. Rejects with LedgerUnavailable
 * when one of them does not answer.
 */
export async function readServerLives(client: RedisClient): Promise<readonly string[] | undefined> {
  if (!(client instanceof Cluster)) {
    const life = await lifeOf(client);
    return life === undefined ? undefined : [life];
  }
  await refreshSlots(client);
  const primaries = client.nodes('master');
  if (primaries.length === 0)
    throw new LedgerUnavailable('ledger unavailable: no node of the Redis Cluster answers');
  const lives = await Promise.all(primaries.map(lifeOf));
  return lives.some((life) => life === undefined) ? undefined : lives.flatMap((life) => life ?? []).sort();
}

/** Notes in the ledger in which lives it is, and after which others; answers for how long that is known, ms, undefined = since it was made. */
export async function noteLives(
  runner: ScriptRunner,
  identityKey: string,
  { lives, after }: { readonly lives: readonly string[]; readonly after: readonly string[] },
): Promise<number | undefined> {
  return optionalNumber(await runner.run('ledger-lives', [identityKey], [lives.join(' '), after.join(' ')]));
}

/**
 * Calls `changed` when a node of a Redis Cluster has become a primary, before anything is sent to it: no connection breaks when the primary
 * before it lives on, as after a forced fail-over, or when only the other nodes had lost sight of it.
 */
export function onNewPrimary(client: Cluster, changed: () => void): void {
  let known = new Set<string>();
  client.on('refresh', () => {
    const primaries = new Set(client.slots.map((nodes) => nodes?.[0] ?? ''));
    if ([...primaries].some((primary) => !known.has(primary))) changed();
    known = primaries;
  });
}

function refreshSlots(client: Cluster): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    client.refreshSlotsCache((error) => (error ? reject(error) : resolve()));
  }).catch(throwLedgerFailure);
}

async function lifeOf(server: Redis): Promise<string | undefined> {
  try {
    const info = await server.info();
    return `${told(info, 'run_id')}/${told(info, 'master_replid')}`;
  } catch (error) {
    if (error instanceof Error && NOT_ALLOWED.test(error.message)) return undefined;
    return throwLedgerFailure(error);
  }
}

function told(info: string, name: string): string {
  return new RegExp(`^${name}:(\\w+)`, 'm').exec(info)?.[1] ?? '';
}

import { Cluster, type Redis } from 'ioredis';
import type { LedgerHealth } from '../domain/ports/ledger.ts';
import { ledgerFailure } from './failure.ts';
import type { RedisClient } from './scripts.ts';

const DURABLE: LedgerHealth = { reason: 'LedgerDurable', message: 'append-only file on, nothing is evicted' };

interface Settings {
  /** undefined = the server does not tell. */
  readonly appendonly: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
}

/** Asks the server how it keeps data, and says which setting to change when that may lose some. */
export async function ledgerHealth(client: RedisClient): Promise<LedgerHealth> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const verdicts = await Promise.all(nodes.map(async (node) => judge(await readSettings(node))));
  return verdicts.find(({ reason }) => reason !== 'LedgerDurable') ?? DURABLE;
}

function judge(settings: Settings): LedgerHealth {
  const { appendonly, maxmemoryPolicy } = settings;
  if (maxmemoryPolicy !== undefined && maxmemoryPolicy !== 'noeviction') {
    return {
      reason: 'LedgerEvicts',
      message: `Redis drops keys when its memory is full (maxmemory-policy ${maxmemoryPolicy}): set maxmemory-policy to noeviction`,
    };
  }
  if (appendonly !== 'yes') {
    const found = appendonly === undefined ? 'it does not tell whether' : `appendonly is ${appendonly}, so`;
    return {
      reason: 'LedgerNotDurable',
      message: `a restart of Redis may lose what was sent (${found} there is an append-only file): set appendonly to yes`,
    };
  }
  return DURABLE;
}

/** CONFIG GET, or INFO where the user may not ask for the configuration. */
async function readSettings(client: Redis): Promise<Settings> {
  try {
    const answer: unknown = await client.config('GET', 'appendonly', 'maxmemory-policy');
    const pairs = Array.isArray(answer) ? answer.map(String) : [];
    const value = (name: string): string | undefined => {
      const index = pairs.indexOf(name);
      return index < 0 ? undefined : pairs[index + 1];
    };
    return { appendonly: value('appendonly'), maxmemoryPolicy: value('maxmemory-policy') };
  } catch (error) {
    if (!(error instanceof Error && /^(NOPERM|ERR unknown command)/.test(error.message)))
      throw ledgerFailure(error);
  }
  try {
    const info = await client.info();
    const aof = /^aof_enabled:(\d)/m.exec(info)?.[1];
    return {
      appendonly: aof === undefined ? undefined : aof === '1' ? 'yes' : 'no',
      maxmemoryPolicy: /^maxmemory_policy:(\S+)/m.exec(info)?.[1],
    };
  } catch (error) {
    throw ledgerFailure(error);
  }
}

import { Cluster, type Redis } from 'ioredis';
import type { LedgerHealth } from '../domain/ports/ledger.ts';
import { judgeDurability, type ServerFacts } from './durability.ts';
import { ledgerFailure } from './failure.ts';
import type { RedisClient } from './scripts.ts';

const SETTINGS = ['appendonly', 'appendfsync', 'save', 'maxmemory-policy', 'min-replicas-to-write'];
/** What a user may not do, or a hosted Redis does not have. */
export const NOT_ALLOWED = /^(NOPERM|ERR unknown command|ERR Unsupported)/i;

/** Asks every server that is written to how it keeps data, and says which setting to change when that may lose some. */
export async function ledgerHealth(client: RedisClient, minReplicas: number): Promise<LedgerHealth> {
  if (!(client instanceof Cluster)) return judgeDurability(await readFacts(client), minReplicas);
  const nodes = client.nodes('master');
  const verdicts = await Promise.all(
    nodes.map(async (node) => {
      const { reason, message } = judgeDurability(await readFacts(node), minReplicas);
      return { reason, message: `${node.options.host}:${node.options.port}: ${message}` };
    }),
  );
  const [first] = verdicts;
  if (first === undefined) return judgeDurability(UNKNOWN, minReplicas);
  return verdicts.find(({ reason }) => reason !== 'LedgerDurable') ?? first;
}

const UNKNOWN: ServerFacts = {
  appendonly: undefined,
  appendfsync: undefined,
  save: undefined,
  maxmemoryPolicy: undefined,
  lastWrite: undefined,
  lastRewrite: undefined,
  replicas: undefined,
  minReplicasToWrite: undefined,
};

/** CONFIG GET, and INFO, which tells a part of the same where the user may not ask for the configuration. */
async function readFacts(client: Redis): Promise<ServerFacts> {
  const [settings, info] = await Promise.all([
    allowed(client.config('GET', ...SETTINGS)),
    allowed(client.info()),
  ]);
  const pairs = Array.isArray(settings) ? settings.map(String) : [];
  const setting = (name: string): string | undefined => {
    const index = pairs.indexOf(name);
    return index < 0 ? undefined : pairs[index + 1];
  };
  const told = (name: string): string | undefined =>
    new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(typeof info === 'string' ? info : '')?.[1];
  return {
    appendonly: setting('appendonly') ?? onOrOff(told('aof_enabled')),
    appendfsync: setting('appendfsync'),
    save: setting('save'),
    maxmemoryPolicy: setting('maxmemory-policy') ?? told('maxmemory_policy'),
    lastWrite: told('aof_last_write_status'),
    lastRewrite: told('aof_last_bgrewrite_status'),
    replicas: numberOf(told('connected_slaves')),
    minReplicasToWrite: numberOf(setting('min-replicas-to-write')),
  };
}

/** The answer; undefined when it is not given to us. */
async function allowed(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && NOT_ALLOWED.test(error.message)) return undefined;
    throw ledgerFailure(error);
  }
}

function onOrOff(flag: string | undefined): string | undefined {
  return flag === undefined ? undefined : flag === '1' ? 'yes' : 'no';
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

import type { LedgerHealth } from '../domain/ports/ledger.ts';

/** What a server says of how it keeps data; undefined = it does not say, or the user may not ask. */
export interface ServerFacts {
  readonly appendonly: string | undefined;
  readonly appendfsync: string | undefined;
  /** Snapshots, as Redis spells them: `3600 1 300 100`. */
  readonly save: string | undefined;
  readonly maxmemoryPolicy: string | undefined;
  /** Whether the last write to the append-only file, and its last rewriting, went well: ok or err. */
  readonly lastWrite: string | undefined;
  readonly lastRewrite: string | undefined;
  readonly replicas: number | undefined;
  readonly minReplicasToWrite: number | undefined;
}

/** How well that keeps a ledger: the first thing that is wrong, with the setting to change. `minReplicas`: so many are demanded. */
export function judgeDurability(facts: ServerFacts, minReplicas: number): LedgerHealth {
  const fault =
    evictionFault(facts) ?? fileFault(facts) ?? syncFault(facts) ?? replicaFault(facts, minReplicas);
  return fault ?? { reason: 'LedgerDurable', message: goodNews(facts, minReplicas) };
}

function evictionFault({ maxmemoryPolicy }: ServerFacts): LedgerHealth | undefined {
  if (maxmemoryPolicy === undefined || maxmemoryPolicy === 'noeviction') return undefined;
  return {
    reason: 'LedgerEvicts',
    message: `Redis drops keys when its memory is full (maxmemory-policy ${maxmemoryPolicy}): set maxmemory-policy to noeviction`,
  };
}

function fileFault(facts: ServerFacts): LedgerHealth | undefined {
  const { appendonly, save = '', lastWrite, lastRewrite } = facts;
  if (appendonly === undefined) {
    return notDurable(
      'it cannot be checked whether Redis keeps an append-only file, without which a restart loses what was sent: let the Redis user run CONFIG GET or INFO (+config|get +info)',
    );
  }
  if (appendonly !== 'yes') {
    const instead = save === '' ? '' : `; snapshots (save ${save}) lose all since the last one`;
    return notDurable(
      `a restart of Redis may lose what was sent (appendonly is ${appendonly}, so there is no append-only file${instead}): set appendonly to yes`,
    );
  }
  if (lastWrite === 'err')
    return notDurable(
      'Redis failed to write its append-only file (aof_last_write_status:err): free or enlarge its volume',
    );
  if (lastRewrite === 'err')
    return notDurable(
      'Redis failed to rewrite its append-only file, which grows until the disk is full (aof_last_bgrewrite_status:err): see the log of Redis; it needs free disk, and memory to fork',
    );
  return undefined;
}

function syncFault({ appendfsync }: ServerFacts): LedgerHealth | undefined {
  if (appendfsync !== 'no') return undefined;
  return notDurable(
    'up to about 30 s of acknowledged writes are lost if the machine dies (appendfsync no): set appendfsync to always',
  );
}

function replicaFault(
  { replicas, minReplicasToWrite }: ServerFacts,
  minReplicas: number,
): LedgerHealth | undefined {
  if (minReplicas === 0) return undefined;
  if (replicas === undefined)
    return notDurable(
      `it cannot be checked whether Redis has the replicas that are demanded (${minReplicas}): let the Redis user run INFO (+info)`,
    );
  if (replicas < minReplicas)
    return notDurable(
      `Redis has fewer replicas than demanded (${replicas} of ${minReplicas}): bring them back, or demand fewer (redis.minReplicas, MAILERS_REDIS_MIN_REPLICAS)`,
    );
  if (minReplicasToWrite !== undefined && minReplicasToWrite < minReplicas)
    return notDurable(
      `Redis goes on writing when its replicas are gone (min-replicas-to-write ${minReplicasToWrite}): set min-replicas-to-write to ${minReplicas}`,
    );
  return undefined;
}

function goodNews({ appendfsync, replicas }: ServerFacts, minReplicas: number): string {
  const loss =
    appendfsync === 'everysec'
      ? ' (appendfsync everysec: up to about 2 s of acknowledged writes are lost if the machine dies; always loses none)'
      : appendfsync === 'always'
        ? ', synced before every answer'
        : '';
  const copies = minReplicas === 0 ? '' : `, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`;
  return `append-only file on${loss}, nothing is evicted${copies}`;
}

function notDurable(message: string): LedgerHealth {
  return { reason: 'LedgerNotDurable', message };
}

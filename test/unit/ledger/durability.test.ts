import { describe, expect, it } from 'vitest';
import { judgeDurability, type ServerFacts } from '../../../controller/ledger/durability.ts';

const GOOD: ServerFacts = {
  appendonly: 'yes',
  appendfsync: 'always',
  save: '',
  maxmemoryPolicy: 'noeviction',
  lastWrite: 'ok',
  lastRewrite: 'ok',
  replicas: 0,
  minReplicasToWrite: 0,
};
const judge = (change: Partial<ServerFacts>, minReplicas = 0) =>
  judgeDurability({ ...GOOD, ...change }, minReplicas);

describe('how well a Redis keeps a ledger', () => {
  it.each<[string, Partial<ServerFacts>, number, string, RegExp]>([
    ['syncs at every write', {}, 0, 'LedgerDurable', /synced before every answer, nothing is evicted$/],
    [
      'syncs every second',
      { appendfsync: 'everysec' },
      0,
      'LedgerDurable',
      /about 2 s of acknowledged writes/,
    ],
    [
      'does not say when it syncs',
      { appendfsync: undefined },
      0,
      'LedgerDurable',
      /^append-only file on, nothing/,
    ],
    ['has the replicas', { replicas: 2, minReplicasToWrite: 1 }, 1, 'LedgerDurable', /2 replicas$/],
    [
      'does not say what it waits for',
      { replicas: 1, minReplicasToWrite: undefined },
      1,
      'LedgerDurable',
      /1 replica$/,
    ],
    ['does not say whether it evicts', { maxmemoryPolicy: undefined }, 0, 'LedgerDurable', /append-only/],
    ['never syncs', { appendfsync: 'no' }, 0, 'LedgerNotDurable', /set appendfsync to always/],
    ['evicts', { maxmemoryPolicy: 'volatile-ttl' }, 0, 'LedgerEvicts', /set maxmemory-policy to noeviction/],
    [
      'has no file',
      { appendonly: 'no' },
      0,
      'LedgerNotDurable',
      /no append-only file\): set appendonly to yes/,
    ],
    [
      'has snapshots only',
      { appendonly: 'no', save: '3600 1' },
      0,
      'LedgerNotDurable',
      /snapshots \(save 3600 1\) lose all since/,
    ],
    [
      'says nothing',
      { appendonly: undefined },
      0,
      'LedgerNotDurable',
      /cannot be checked.*\+config\|get \+info/,
    ],
    [
      'cannot write',
      { lastWrite: 'err' },
      0,
      'LedgerNotDurable',
      /aof_last_write_status:err\): free or enlarge/,
    ],
    ['cannot rewrite', { lastRewrite: 'err' }, 0, 'LedgerNotDurable', /aof_last_bgrewrite_status:err/],
    ['has too few replicas', { replicas: 1 }, 2, 'LedgerNotDurable', /1 of 2.*redis\.minReplicas/],
    [
      'waits for too few',
      { replicas: 2, minReplicasToWrite: 1 },
      2,
      'LedgerNotDurable',
      /set min-replicas-to-write to 2/,
    ],
    [
      'does not tell its replicas',
      { replicas: undefined },
      1,
      'LedgerNotDurable',
      /cannot be checked.*\+info/,
    ],
  ])('%s', (_, change, minReplicas, ...[reason, message]) => {
    const health = judge(change, minReplicas);
    expect(health.reason).toBe(reason);
    expect(health.message).toMatch(message);
  });
});

import { EventEmitter } from 'node:events';
import type { Cluster } from 'ioredis';
import { expect, it } from 'vitest';
import { onNewPrimary } from '../../../../controller/ledger/tail/server-lives.ts';

it('tells when a node has become a primary, and not when slots only move between those that are', () => {
  const client = Object.assign(new EventEmitter(), { slots: [] as string[][] });
  let times = 0;
  onNewPrimary(client as unknown as Cluster, () => (times += 1));
  const refreshed = (...slots: string[][]): number => {
    client.slots = slots;
    client.emit('refresh');
    return times;
  };
  expect(refreshed(['a:1', 'c:3'], ['b:2'])).toBe(1);
  expect(refreshed(['b:2'], ['a:1', 'c:3'])).toBe(1);
  expect(refreshed(['b:2'], ['b:2'])).toBe(1);
  expect(refreshed(['b:2'], ['c:3', 'a:1'])).toBe(2);
});

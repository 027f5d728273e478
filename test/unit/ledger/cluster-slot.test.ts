import { describe, expect, it } from 'vitest';
import { clusterSlot } from '../../../controller/ledger/cluster-slot.ts';

describe('the slot of a key in a Redis Cluster', () => {
  // As CLUSTER KEYSLOT of a Redis answers.
  it.each([
    ['123456789', 12_739],
    ['', 0],
    ['user1000', 3_443],
    ['{user1000}.following', 3_443],
    ['foo{}{bar}', 8_363],
    ['foo{{bar}}zap', 4_015],
    ['foo{bar}{zap}', 5_061],
    ['mailers:{w:0}:witness', clusterSlot('w:0')],
  ])('of %j is %i', (key, slot) => {
    expect(clusterSlot(key)).toBe(slot);
  });
});

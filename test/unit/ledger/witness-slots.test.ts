import clusterSlot from 'cluster-key-slot';
import { describe, expect, it } from 'vitest';
import { Keys } from '../../../controller/ledger/keys.ts';

describe('the slot of a witness in a Redis Cluster', () => {
  // As CLUSTER KEYSLOT of a Redis answers.
  it.each([
    [0, 405],
    [1, 4_532],
    [65_535, 15_625],
  ])('of number %i is %i', (number, slot) => {
    expect(clusterSlot(new Keys('mailers:').witness(number))).toBe(slot);
  });

  it('is the same for all numbers under a prefix with braces', () => {
    const { length } = [...new Set([0, 1, 2].map((number) => clusterSlot(new Keys('{x}:').witness(number))))];
    expect(length).toBe(1);
  });
});

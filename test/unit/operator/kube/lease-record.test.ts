import { describe, expect, it } from 'vitest';
import {
  claimedSpec,
  deleted,
  mayHold,
  microTime,
  observe,
  releasedSpec,
  type Lease,
  type LeaseSpec,
} from '../../../../controller/operator/kube/lease-record.ts';

const lease = (spec: LeaseSpec, uid = 'u'): Lease => ({ metadata: { name: 'l', uid }, spec });
const held = (renewTime: string) =>
  lease({ holderIdentity: 'other', leaseDurationSeconds: 15, renewTime, leaseTransitions: 4 });

describe('the right to take a lease', () => {
  it.each([
    ['held by another, seen just now', held('t1'), 0, false],
    ['held by another, unchanged for exactly its duration', held('t1'), 15_000, false],
    ['held by another, unchanged for longer than its duration', held('t1'), 15_001, true],
    ['held by ourselves', lease({ holderIdentity: 'me', leaseDurationSeconds: 15 }), 0, true],
    ['released', lease({ holderIdentity: '', leaseDurationSeconds: 1 }), 0, true],
    ['without a record', { metadata: { name: 'l' } }, 0, true],
  ])('%s', (_, record, elapsedMs, expected) => {
    expect(mayHold(observe(undefined, record, 0), 'me', elapsedMs)).toBe(expected);
  });

  it('counts from the last change that we saw, not from the times in the record', () => {
    const longAgo = observe(undefined, held('1999-01-01T00:00:00Z'), 0);
    expect(mayHold(longAgo, 'me', 1000)).toBe(false);
    const again = observe(longAgo, held('1999-01-01T00:00:00Z'), 14_000);
    expect(mayHold(again, 'me', 15_001)).toBe(true);
    const renewed = observe(again, held('1999-01-01T00:00:02Z'), 14_000);
    expect(mayHold(renewed, 'me', 15_001)).toBe(false);
  });

  it('starts to count anew when the lease is found deleted: who held it may lead on for as long', () => {
    const first = observe(undefined, held('t1'), 0);
    const second = observe(first, deleted(first.lease), 14_000);
    const third = observe(second, deleted(second.lease), 20_000);
    expect([mayHold(third, 'me', 29_000), mayHold(third, 'me', 29_001)]).toEqual([false, true]);
    expect(mayHold(second, 'other', 14_000)).toBe(true);
  });

  it('starts to count anew when the lease was deleted and made again', () => {
    const first = observe(undefined, held('t1'), 0);
    const second = observe(first, lease({ ...held('t1').spec }, 'another-uid'), 14_000);
    expect(mayHold(second, 'me', 16_000)).toBe(false);
  });
});

describe('a claim', () => {
  const claim = { identity: 'me', durationSeconds: 15, nowMs: 0 };

  it('of a lease nobody ever held begins with epoch 0', () => {
    expect(claimedSpec(undefined, -1, claim)).toMatchObject({ holderIdentity: 'me', leaseTransitions: 0 });
  });

  it('of a lease from another raises the epoch', () => {
    expect(claimedSpec(held('t1').spec, 4, claim).leaseTransitions).toBe(5);
  });

  it('of a released lease raises the epoch', () => {
    expect(claimedSpec(releasedSpec({ leaseTransitions: 4 }, 0), 4, claim).leaseTransitions).toBe(5);
  });

  it('of our own lease keeps the epoch and the time of acquisition', () => {
    const own = claimedSpec(held('t1').spec, 4, claim);
    const renewed = claimedSpec(own, 5, { ...claim, nowMs: 2000 });
    expect(renewed).toMatchObject({ leaseTransitions: 5, acquireTime: own.acquireTime });
    expect(renewed.renewTime).not.toBe(own.renewTime);
  });

  it('never falls back when somebody deleted the lease', () => {
    expect(claimedSpec(undefined, 7, claim).leaseTransitions).toBe(8);
  });
});

describe('a release', () => {
  it('keeps the epoch, names nobody and lasts a second', () => {
    const released = releasedSpec({ holderIdentity: 'me', leaseTransitions: 4 }, 0);
    expect(released).toMatchObject({ leaseTransitions: 4, leaseDurationSeconds: 1 });
    expect(released.holderIdentity).toBeUndefined();
  });
});

it('writes times with microseconds', () => {
  expect(microTime(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02T03:04:05.678000Z');
});

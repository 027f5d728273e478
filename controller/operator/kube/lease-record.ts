/**
 * Who may lead, decided from the Lease and from what we have seen of it. Pure.
 *
 * Whether a leader is gone is judged by how long *we* have not seen its record change, on our monotonic clock; the
 * times inside the record are for people. So clocks may differ between machines. (client-go's rules.)
 */
import type { KubeObject } from './resource.ts';

export interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubeObject {
  spec?: LeaseSpec;
}

/** The last different record we saw, and when we first saw it. */
export interface Observation {
  lease: Lease;
  seenAtMs: number;
}

/** Notes what a look at the Lease showed: time only starts anew when the record changed. */
export function observe(previous: Observation | undefined, lease: Lease, nowMs: number): Observation {
  const isSame = previous !== undefined && identityOf(previous.lease) === identityOf(lease);
  return isSame ? previous : { lease, seenAtMs: nowMs };
}

function identityOf({ metadata, spec }: Lease): string {
  return JSON.stringify([
    metadata.uid,
    spec?.holderIdentity,
    spec?.renewTime,
    spec?.acquireTime,
    spec?.leaseTransitions,
  ]);
}

/** What is left to go by of a Lease that somebody deleted: who held it. */
export function deleted({ metadata, spec }: Lease): Lease {
  return { metadata: { ...metadata, uid: 'deleted' }, ...(spec === undefined ? {} : { spec }) };
}

/** Whether `identity` may write itself into the Lease now. */
export function mayHold({ lease, seenAtMs }: Observation, identity: string, nowMs: number): boolean {
  const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (!holderIdentity || holderIdentity === identity) return true;
  return nowMs - seenAtMs > leaseDurationSeconds * 1000;
}

export interface LeaseClaim {
  identity: string;
  durationSeconds: number;
  nowMs: number;
}

/**
 * The record with which `identity` takes or renews the Lease. The count of transitions rises with every change of
 * holder and never falls below what we have seen, even if somebody deletes the Lease: it is the fencing epoch.
 */
export function claimedSpec(
  current: LeaseSpec | undefined,
  highestEpoch: number,
  claim: LeaseClaim,
): LeaseSpec {
  const now = microTime(claim.nowMs);
  const isRenewal = current?.holderIdentity === claim.identity;
  const epoch = Math.max(highestEpoch, current?.leaseTransitions ?? -1);
  return {
    holderIdentity: claim.identity,
    leaseDurationSeconds: claim.durationSeconds,
    acquireTime: isRenewal ? (current.acquireTime ?? now) : now,
    renewTime: now,
    leaseTransitions: isRenewal ? epoch : epoch + 1,
  };
}

/** The record with which a leader leaves: nobody holds it, so the next may take it at once. */
export function releasedSpec(current: LeaseSpec, nowMs: number): LeaseSpec {
  const now = microTime(nowMs);
  return {
    leaseTransitions: current.leaseTransitions ?? 0,
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
  };
}

/** RFC 3339 with microseconds, as Lease and Event times want it. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}

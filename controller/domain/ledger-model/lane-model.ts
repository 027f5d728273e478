import type { LaneLedger, LaneShare } from '../ports/lane-ledger.ts';
import type { PoolKey, SenderKey } from '../ports/queue-ledger.ts';
import type { PoolState } from './pool-state.ts';

type ShareRequest = Parameters<LaneLedger['share']>[1];

/** Lane leases in memory. */
export function createLaneModel(now: () => number, poolOf: (key: PoolKey) => PoolState): LaneLedger {
  return {
    async share(sender, request) {
      const pool = poolOf(sender);
      const evicted = pool.evicted.has(sender.senderId);
      if (!evicted) pool.senders.set(sender.senderId, now() + request.leaseMs);
      freeLanesOfTheSilent(pool, now());
      if (!evicted) rebalance(pool, sender, request, now());
      return shareOf(pool, sender, now());
    },
    async states(key) {
      return [...poolOf(key).laneStates.values()];
    },
    async leave(sender) {
      const pool = poolOf(sender);
      for (const route of ownedBy(pool, sender)) giveUp(pool, route);
      pool.senders.delete(sender.senderId);
    },
  };
}

/** True when the sender is registered and its lease has not run out. */
export function isAlive(pool: PoolState, senderId: string, nowMs: number): boolean {
  return (pool.senders.get(senderId) ?? 0) > nowMs;
}

function freeLanesOfTheSilent(pool: PoolState, nowMs: number): void {
  for (const [route, { owner }] of pool.lanes) {
    if (!isAlive(pool, owner, nowMs)) giveUp(pool, route);
  }
}

function rebalance(pool: PoolState, sender: SenderKey, request: ShareRequest, nowMs: number): void {
  const fairShare = Math.ceil(request.routes.length / sendersAlive(pool, nowMs));
  const isBusy = (route: string): boolean => request.busy.includes(route);
  for (const route of ownedBy(pool, sender)) {
    if (!request.routes.includes(route) && !isBusy(route)) giveUp(pool, route);
  }
  for (const route of ownedBy(pool, sender).filter((owned) => !isBusy(owned))) {
    if (ownedBy(pool, sender).length > fairShare) giveUp(pool, route);
  }
  for (const route of request.routes.filter((wanted) => !pool.lanes.has(wanted))) {
    if (ownedBy(pool, sender).length < fairShare) take(pool, sender, route);
  }
  const owned = ownedBy(pool, sender);
  for (const state of request.states) {
    if (owned.includes(state.route)) pool.laneStates.set(state.route, state);
  }
}

function shareOf(pool: PoolState, sender: SenderKey, nowMs: number): LaneShare {
  return {
    owned: [...pool.lanes]
      .filter(([, { owner }]) => owner === sender.senderId)
      .map(([route, { fence }]) => ({ route, fence })),
    states: [...pool.laneStates.values()],
    senders: sendersAlive(pool, nowMs),
    evicted: pool.evicted.has(sender.senderId),
    nowMs,
  };
}

function sendersAlive(pool: PoolState, nowMs: number): number {
  return [...pool.senders.values()].filter((leaseEndMs) => leaseEndMs > nowMs).length;
}

function ownedBy(pool: PoolState, sender: SenderKey): string[] {
  return [...pool.lanes].filter(([, { owner }]) => owner === sender.senderId).map(([route]) => route);
}

function take(pool: PoolState, sender: SenderKey, route: string): void {
  pool.lastFence += 1;
  pool.lanes.set(route, { owner: sender.senderId, fence: pool.lastFence });
}

function giveUp(pool: PoolState, route: string): void {
  pool.lanes.delete(route);
  pool.laneStates.delete(route);
}

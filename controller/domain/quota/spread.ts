import type { ReserveRequest } from '../ports/quota-ledger.ts';
import { windowOf, type QuotaState } from './quota-state.ts';
import { capOf } from './room.ts';
import { stillCountedAt } from './rolling-window.ts';

/**
 * Time to the next reservation, ms, with which what the `Day` limit still allows lasts until the sending window closes; 0 = no spreading.
 * The state is that before the reservation, which fits. With usage of yesterday still in the rolling window, what leaves it before the
 * close counts as room: else a mailbox that used its whole cap yesterday would wait for hours today.
 */
export function spreadIntervalMs(state: QuotaState, request: ReserveRequest): number {
  const { spreadUntilMs = 0, limits, warmup, recipients } = request;
  const day = limits.find(({ name }) => name === 'Day');
  const leftMs = spreadUntilMs - state.seenMs;
  if (day === undefined || leftMs <= 0) return 0;
  const room = capOf(state, day, warmup).recipients - stillCountedAt(windowOf(state, day), spreadUntilMs);
  return Math.floor((leftMs * recipients) / room);
}

import type { ReserveRequest } from '../../../../controller/domain/ports/quota-ledger.ts';
import { unused, type QuotaState } from '../../../../controller/domain/quota/quota-state.ts';
import { reserve } from '../../../../controller/domain/quota/reserve.ts';

/** A subject that was never used; usage leaves without a margin. */
export const SHAPE = { slotsPerWindow: 288, marginMs: 0 };
export const UNUSED = unused(SHAPE);

/** Reserves and insists that it was granted. */
export function granted(state: QuotaState, request: ReserveRequest, nowMs: number) {
  const result = reserve(state, request, nowMs);
  if (!result.answer.granted) throw new Error(`denied: ${result.answer.reason}`);
  return { ...result, answer: result.answer };
}

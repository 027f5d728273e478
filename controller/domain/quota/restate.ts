import type { RememberedReservation, ReservationRestatement } from '../ports/quota-ledger.ts';
import { slotsOf } from './reserve.ts';
import { stateAt, windowOf, type QuotaState } from './quota-state.ts';
import { countAt, leavesAtMs, slotAt } from './rolling-window.ts';

/** Counts what the ledger does not know of any more, at its time; answers how many reservations that were. */
export function restate(
  before: QuotaState,
  { reservations, nextAtMs }: ReservationRestatement,
  nowMs: number,
): {
  readonly state: QuotaState;
  readonly counted: number;
  readonly known: readonly RememberedReservation[];
} {
  const state = stateAt(before, nowMs);
  const { base, counted, released } = state.restated ?? { base: state.serial, counted: [], released: [] };
  const told = reservations.map((one) => ({ one, serial: serialOf(one.reservation.token) }));
  const lost = told.filter(({ serial }) => serial > base && !counted.includes(serial));
  const added = lost.filter(({ serial, one }) => !one.isReleased && !released.includes(serial));
  const gone = lost.filter(({ one }) => one.isReleased);
  const serials = (those: typeof told): number[] => those.map(({ serial }) => serial);
  return {
    state: {
      ...added.reduce((after, { one }) => countAgain(after, one), state),
      serial: Math.max(state.serial, ...serials(told)),
      nextAtMs: Math.max(state.nextAtMs, nextAtMs),
      firstReservationMs: state.firstReservationMs ?? state.seenMs,
      restated: {
        base,
        counted: [...counted, ...serials(added)],
        released: [...released, ...serials(gone)],
      },
    },
    counted: added.length,
    known: told.filter((one) => !lost.includes(one)).map(({ one }) => one),
  };
}

function countAgain(state: QuotaState, { reservation }: RememberedReservation): QuotaState {
  const windows = { ...state.windows };
  for (const { name, windowMs, slot } of slotsOf(reservation.token)) {
    const kept = state.windows[name] ?? windowOf(state, { name, windowMs, recipients: 0 });
    // A window that has another length by now counts it as of now: too long rather than not at all.
    const latest = slotAt(kept, state.seenMs);
    const index = kept.windowMs === windowMs ? Math.min(slot, latest) : latest;
    if (leavesAtMs(kept, index) > state.seenMs) windows[name] = countAt(kept, index, reservation.recipients);
  }
  return { ...state, windows };
}

function serialOf(token: string): number {
  return Number.parseInt(token, 10);
}

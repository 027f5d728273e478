import type { Reservation, ReservationRestatement } from '../../domain/ports/quota-ledger.ts';
import { Recent, type TailTimes } from './recent.ts';

interface Grant {
  readonly reservation: Reservation;
  readonly nextAtMs: number;
}

/** The last reservations that this process was granted: what a ledger that lost its last writes must be told again. */
export class ReservationTail {
  readonly #grants: Recent<Grant>;
  #released = new WeakSet<Reservation>();

  constructor(times: TailTimes) {
    this.#grants = new Recent(times);
  }

  granted(reservation: Reservation, nextAtMs: number): void {
    this.#grants.add({ reservation, nextAtMs });
  }

  released(reservation: Reservation): void {
    this.#released.add(reservation);
  }

  /** What is told of each subject. */
  told(): ReservationRestatement[] {
    const bySubject = Map.groupBy(this.#grants.items, ({ item }) => item.reservation.subject);
    return [...bySubject].map(([subject, grants]) => ({
      subject,
      reservations: grants.map(({ item: { reservation } }) => ({
        reservation,
        isReleased: this.#released.has(reservation),
      })),
      nextAtMs: Math.max(...grants.map(({ item }) => item.nextAtMs)),
    }));
  }

  clear(): void {
    this.#grants.clear();
    this.#released = new WeakSet();
  }
}

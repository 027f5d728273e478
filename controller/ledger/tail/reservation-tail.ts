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
  /** Subjects whose last reservation from before this life of the ledger is noted there, or about to be. */
  readonly #bases = new Map<string, Promise<unknown>>();

  constructor(times: TailTimes) {
    this.#grants = new Recent(times);
  }

  granted(reservation: Reservation, nextAtMs: number): void {
    this.#grants.add({ reservation, nextAtMs });
  }

  released(reservation: Reservation): void {
    this.#released.add(reservation);
  }

  /** Notes once in each life of the ledger what it still knew of the subject. */
  baseOf(subject: string, note: () => Promise<unknown>): Promise<unknown> {
    const known = this.#bases.get(subject);
    if (known !== undefined) return known;
    const noting = note();
    this.#bases.set(subject, noting);
    noting.catch(() => this.#bases.delete(subject));
    return noting;
  }

  /** The ledger is in another life. */
  forgetBases(): void {
    this.#bases.clear();
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
    this.#bases.clear();
    this.#released = new WeakSet();
  }
}

import type { Ledger } from '../../domain/ports/ledger.ts';
import type { LedgerIdentity } from '../identity.ts';
import type { RedisQuotaLedger } from '../redis-quota-ledger.ts';
import { ClaimTail } from './claim-tail.ts';
import { TAIL_MS } from './recent.ts';
import { Replays } from './replays.ts';
import { ReservationTail } from './reservation-tail.ts';

/** What a ledger that had lost its last writes was told. */
export interface ToldAgain {
  /** Claims that it had lost, and reservations. */
  readonly claims: number;
  readonly reservations: number;
  /** Messages that another sender has on the wire as well: they may go out twice. */
  readonly elsewhere: number;
}

/** For people. */
export function sentenceOf({ claims, reservations, elsewhere }: ToldAgain): string {
  const twice =
    elsewhere === 0
      ? ''
      : `; ${elsewhere} messages are on the wire of another sender as well and may go out twice`;
  return `Redis was restarted or replaced; ${claims} claims and ${reservations} reservations that it had lost were told to it again${twice}`;
}

export interface TailParts {
  readonly identity: LedgerIdentity;
  readonly monotonicMs: () => number;
  /** Ledgers that do not wait until the tail is told. */
  readonly ledger: Pick<Ledger, 'suppression' | 'audience' | 'plans' | 'queue'> & {
    readonly quota: RedisQuotaLedger;
  };
  readonly onTold: (told: ToldAgain) => void;
}

/** All that this process did within the last moments. */
export class Tail {
  readonly claims: ClaimTail;
  readonly reservations: ReservationTail;
  readonly replays: Replays;
  readonly #parts: TailParts;

  constructor(parts: TailParts) {
    this.#parts = parts;
    const times = { nowMs: parts.monotonicMs, seenAtMs: () => parts.identity.seenAtMs };
    this.claims = new ClaimTail(times);
    this.reservations = new ReservationTail(times);
    this.replays = new Replays(times);
  }

  /** Another ledger took the place of a lost one: it is told nothing of what was done there. */
  clear(): void {
    for (const part of [this.claims, this.reservations, this.replays]) part.clear();
  }

  /** Tells the ledger all of it; `lives`: those of servers in which nothing is lost. Rejects with LedgerLost when it is gone. */
  async tell(lives: readonly string[]): Promise<void> {
    const { identity, ledger } = this.#parts;
    const { id } = identity;
    await identity.lookAgain('Telling');
    if (identity.id !== id) return;
    identity.forgetSince(identity.seenAtMs - TAIL_MS);
    this.reservations.forgetBases();
    await this.replays.run(ledger);
    const [reservations, answers] = await Promise.all([
      Promise.all(this.reservations.told().map((told) => ledger.quota.restate(told, lives))),
      Promise.all(
        this.claims.told().map(({ sender, restatement }) => ledger.queue.restate(sender, restatement)),
      ),
    ]);
    const claims = answers.flat();
    this.#parts.onTold({
      claims: claims.filter((answer) => answer === 'Restated').length,
      reservations: reservations.reduce((sum, counted) => sum + counted, 0),
      elsewhere: claims.filter((answer) => answer === 'Elsewhere').length,
    });
  }
}

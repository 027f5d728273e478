import type { QuotaLedger } from '../../domain/ports/quota-ledger.ts';
import type { Continuity } from './continuity.ts';
import type { ReservationTail } from './reservation-tail.ts';

/**
 * The quotas, each reservation noted in the tail. In a new life of the ledger the last reservation of a subject that it still knew is noted
 * before another one is granted, also by who has none of its own to tell: else who comes late would tell of some that seem to be known.
 */
export function rememberingQuota(
  quota: QuotaLedger,
  tail: ReservationTail,
  continuity: Pick<Continuity, 'settled' | 'hasPast'>,
): QuotaLedger {
  return {
    async reserve(request) {
      const settled = continuity.settled();
      if (settled !== undefined) await settled;
      if (continuity.hasPast) {
        const { subject } = request;
        await tail.baseOf(subject, () => quota.restate({ subject, reservations: [], nextAtMs: 0 }));
      }
      const answer = await quota.reserve(request);
      if (answer.granted) tail.granted(answer.reservation, answer.nextAtMs);
      return answer;
    },
    async release(reservation) {
      await quota.release(reservation);
      tail.released(reservation);
    },
    applyConsequence: (subject, consequence, reply) => quota.applyConsequence(subject, consequence, reply),
    resume: (subject, kinds) => quota.resume(subject, kinds),
    usage: (subjects) => quota.usage(subjects),
    restate: (restatement) => quota.restate(restatement),
  };
}

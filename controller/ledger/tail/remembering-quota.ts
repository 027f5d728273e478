import type { QuotaLedger } from '../../domain/ports/quota-ledger.ts';
import type { ReservationTail } from './reservation-tail.ts';

/** The quotas, each reservation noted in the tail. */
export function rememberingQuota(quota: QuotaLedger, tail: ReservationTail): QuotaLedger {
  return {
    async reserve(request) {
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

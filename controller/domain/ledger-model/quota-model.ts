import { applyConsequence, resume } from '../quota/consequence.ts';
import { unused, type QuotaState } from '../quota/quota-state.ts';
import type { WindowShape } from '../quota/rolling-window.ts';
import { release, reserve } from '../quota/reserve.ts';
import { restate } from '../quota/restate.ts';
import { usage } from '../quota/usage.ts';
import type { QuotaLedger, QuotaSubject } from '../ports/quota-ledger.ts';

/** Quotas in memory: the pure functions of `domain/quota` over one state per subject. */
export function createQuotaModel(now: () => number, shape: WindowShape): QuotaLedger {
  const states = new Map<QuotaSubject, QuotaState>();
  const stateOf = (subject: QuotaSubject): QuotaState => states.get(subject) ?? unused(shape);
  return {
    async reserve(request) {
      const { state, answer } = reserve(stateOf(request.subject), request, now());
      states.set(request.subject, state);
      return answer;
    },
    async release(reservation) {
      states.set(reservation.subject, release(stateOf(reservation.subject), reservation, now()));
    },
    async applyConsequence(subject, consequence, reply) {
      const state = applyConsequence(stateOf(subject), consequence, reply, now());
      states.set(subject, state);
      return state.stop;
    },
    async resume(subject, kinds) {
      states.set(subject, resume(stateOf(subject), kinds, now()));
    },
    async restate(restatement) {
      const { subject } = restatement;
      const { state, counted, known } = restate(stateOf(subject), restatement, now());
      const released = known.filter(({ isReleased }) => isReleased);
      states.set(
        subject,
        released.reduce((after, { reservation }) => release(after, reservation, now()), state),
      );
      return counted;
    },
    async usage(subjects) {
      return subjects.map((asked) => usage(stateOf(asked.subject), asked.subject, asked, now()));
    },
  };
}

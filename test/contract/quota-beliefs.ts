import { isDeepStrictEqual } from 'node:util';
import type { Reservation } from '../../controller/domain/ports/quota-ledger.ts';
import { applyConsequence, resume } from '../../controller/domain/quota/consequence.ts';
import { unused, type QuotaState } from '../../controller/domain/quota/quota-state.ts';
import { release, reserve } from '../../controller/domain/quota/reserve.ts';
import { usage } from '../../controller/domain/quota/usage.ts';
import { HISTORY_SHAPE } from './quota-histories.ts';
import { allowanceOf, replyOf, requestOf, type AskedStep, type Observation } from './quota-observation.ts';

/** One state of the model that agrees with all that was seen so far, and the reservations that it gave. */
export interface Belief {
  readonly state: QuotaState;
  readonly grants: readonly Reservation[];
}

/** So many beliefs are followed at most; when more would be needed, those of the earliest times are. */
const MOST_BELIEFS = 500;

export function beginnings(): readonly Belief[] {
  return [{ state: unused(HISTORY_SHAPE), grants: [] }];
}

/** The beliefs after a step: one for every earlier belief and time at which the model would have said exactly what was seen. */
export function matching(beliefs: readonly Belief[], asked: AskedStep, seen: Observation): readonly Belief[] {
  const [firstMs, lastMs] = seen.stepMs;
  const found: Belief[] = [];
  for (let timeMs = firstMs; timeMs <= lastMs; timeMs += 1) {
    const next = beliefs.map((belief) => step(belief, asked, timeMs));
    found.push(
      ...next
        .filter(({ belief, answer }) => isSame(answer, seen.answer) && showsUsage(belief, asked, seen))
        .map(({ belief }) => belief),
    );
  }
  return found.length > 1 ? distinct(found).slice(0, MOST_BELIEFS) : found;
}

/** Beliefs that differ only in the time that they saw last will never differ again: the first of them is enough. */
function distinct(beliefs: readonly Belief[]): Belief[] {
  const found = new Map<string, Belief>();
  for (const belief of beliefs) {
    const { seenMs: _any, ...rest } = belief.state;
    const key = JSON.stringify(rest);
    if (!found.has(key)) found.set(key, belief);
  }
  return [...found.values()];
}

function step(
  { state, grants }: Belief,
  asked: AskedStep,
  nowMs: number,
): { readonly belief: Belief; readonly answer: Observation['answer'] } {
  const action = asked.step;
  switch (action.do) {
    case 'reserve': {
      const result = reserve(state, requestOf(asked, action), nowMs);
      const { answer } = result;
      const all = answer.granted ? [...grants, answer.reservation] : grants;
      return { belief: { state: result.state, grants: all }, answer };
    }
    case 'release': {
      const reservation = grants[action.grant % Math.max(1, grants.length)];
      const next = reservation === undefined ? state : release(state, reservation, nowMs);
      return { belief: { state: next, grants }, answer: undefined };
    }
    case 'apply': {
      const next = applyConsequence(state, action.consequence, replyOf(asked, action), nowMs);
      return { belief: { state: next, grants }, answer: next.stop };
    }
    case 'resume':
      return { belief: { state: resume(state, action.kinds, nowMs), grants }, answer: undefined };
  }
}

function showsUsage({ state }: Belief, asked: AskedStep, seen: Observation): boolean {
  const [firstMs, lastMs] = seen.usageMs;
  for (let timeMs = firstMs; timeMs <= lastMs; timeMs += 1) {
    if (isSame(usage(state, asked.subject, allowanceOf(asked), timeMs), seen.usage)) return true;
  }
  return false;
}

/** Equal but for the token of a reservation, which is opaque. */
function isSame(expected: object | undefined, actual: object | undefined): boolean {
  return isDeepStrictEqual(withoutToken(expected), withoutToken(actual));
}

function withoutToken(answer: object | undefined): object | undefined {
  return answer !== undefined && 'reservation' in answer ? { ...answer, reservation: undefined } : answer;
}

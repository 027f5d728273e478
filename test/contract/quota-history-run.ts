import type { PlanWarmup } from '../../controller/api/plan.ts';
import type { QuotaLedger, Reservation } from '../../controller/domain/ports/quota-ledger.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import type { History } from './quota-histories.ts';
import { allowanceOf, replyOf, requestOf, type AskedStep, type Observation } from './quota-observation.ts';
import { beginnings, matching, type Belief } from './quota-beliefs.ts';

/**
 * Lives a history in the ledger under test and compares every answer with the model. The ledger's clock may be a real one: a step is
 * known to have happened between two readings of it, and the model must give exactly the same answers for some time between them.
 * Answers the first difference in words, undefined when they agree to the end. `subject` must be new.
 */
export async function firstDifference(
  handle: LedgerHandle,
  history: History,
  subject: string,
): Promise<string | undefined> {
  const warmup = warmupOf(history, await handle.ledger.now());
  const grants: Reservation[] = [];
  let beliefs: readonly Belief[] = beginnings();
  for (const [index, step] of history.steps.entries()) {
    await handle.pass(step.afterMs);
    const asked = { subject, step, warmup, nowMs: await handle.ledger.now() };
    const seen = await observe(handle, asked, grants);
    const next = matching(beliefs, asked, seen);
    if (next.length === 0) {
      return differenceAt(index, { history, asked, seen, beliefs });
    }
    beliefs = next;
  }
  return undefined;
}

/** For people: what was lived through, and what cannot follow from the model's states before the step. */
function differenceAt(
  index: number,
  { history, ...rest }: { history: History; asked: AskedStep; seen: Observation; beliefs: readonly Belief[] },
): string {
  const told = { ...rest, before: history.steps.slice(0, index) };
  const lines = Object.entries(told).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return [`The model differs at step ${index} of a history.`, ...lines].join('\n');
}

async function observe(handle: LedgerHandle, asked: AskedStep, grants: Reservation[]): Promise<Observation> {
  const { ledger } = handle;
  const startMs = await ledger.now();
  const answer = await act(ledger.quota, asked, grants);
  const middleMs = await ledger.now();
  const [usage] = await ledger.quota.usage([{ subject: asked.subject, ...allowanceOf(asked) }]);
  const endMs = await ledger.now();
  if (usage === undefined) throw new Error('usage answered nothing');
  return { answer, usage, stepMs: [startMs, middleMs], usageMs: [middleMs, endMs] };
}

async function act(
  quota: QuotaLedger,
  asked: AskedStep,
  grants: Reservation[],
): Promise<Observation['answer']> {
  const { subject, step } = asked;
  switch (step.do) {
    case 'reserve': {
      const answer = await quota.reserve(requestOf(asked, step));
      if (answer.granted) grants.push(answer.reservation);
      return answer;
    }
    case 'release': {
      const reservation = grants[step.grant % Math.max(1, grants.length)];
      if (reservation !== undefined) await quota.release(reservation);
      return undefined;
    }
    case 'apply':
      return quota.applyConsequence(subject, step.consequence, replyOf(asked, step));
    case 'resume':
      await quota.resume(subject, step.kinds);
      return undefined;
  }
}

function warmupOf({ ramp }: History, nowMs: number): PlanWarmup | undefined {
  if (ramp === undefined) return undefined;
  const start = ramp.startedMsAgo !== undefined && { startMs: nowMs - ramp.startedMsAgo };
  return { startRecipientsPerDay: 4, growthPercentPerDay: 50, ...start };
}

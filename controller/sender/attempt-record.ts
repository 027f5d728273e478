import { ATTEMPT_SCHEMA_VERSION, type AttemptRecord } from '../api/attempt.ts';
import type { Plan, PlanRoute } from '../api/plan.ts';
import type { Outcome } from '../api/outcome.ts';
import type { Classification } from '../domain/policy/classification.ts';
import type { Claim } from '../domain/ports/queue-ledger.ts';
import type { Reply } from '../domain/ports/route.ts';

/** Longest reply text that is kept. */
const MAX_TEXT = 512;

export interface EndedAttempt {
  readonly plan: Plan;
  readonly route: PlanRoute;
  readonly claim: Claim;
  readonly recipient: string;
  readonly messageId: string;
  readonly reply: Reply;
  readonly classification: Pick<Classification, 'class' | 'rule'>;
  readonly outcome: Outcome;
  readonly overflow: string;
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Who logs in on a route: the mailbox's address, or the ESP by its name. */
export function accountOf(route: PlanRoute): string {
  return route.kind === 'Mailbox' ? route.address : route.name;
}

/** The one record that an attempt leaves. */
export function attemptRecord(attempt: EndedAttempt): AttemptRecord {
  const { plan, route, claim, reply } = attempt;
  const hasReply = reply.kind !== 'NoReply';
  return {
    schema: ATTEMPT_SCHEMA_VERSION,
    timeMs: Math.round(attempt.endedMs),
    namespace: plan.namespace,
    pool: plan.pool,
    campaign: claim.key.campaign,
    step: claim.key.step,
    row: claim.key.row,
    recipient: attempt.recipient,
    messageId: attempt.messageId,
    attempt: claim.attempts + 1,
    route: route.route,
    provider: route.provider,
    account: accountOf(route),
    command: reply.kind === 'Accepted' ? 'DOT' : reply.command,
    code: hasReply ? reply.code : 0,
    enhancedCode: hasReply ? reply.enhancedCode : '',
    text: reply.text.slice(0, MAX_TEXT),
    clientError: hasReply ? '' : reply.clientError,
    class: attempt.classification.class,
    rule: attempt.classification.rule,
    outcome: attempt.outcome,
    overflow: attempt.overflow,
    durationMs: Math.max(0, Math.round(attempt.endedMs - attempt.startedMs)),
  };
}

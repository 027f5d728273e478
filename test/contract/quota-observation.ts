import type { PlanWarmup } from '../../controller/api/plan.ts';
import type {
  ConsequentReply,
  QuotaUsage,
  ReserveAnswer,
  ReserveRequest,
  Stop,
} from '../../controller/domain/ports/quota-ledger.ts';
import type { HistoryStep } from './quota-histories.ts';

/** A step as it was put to a ledger. */
export interface AskedStep {
  readonly subject: string;
  readonly step: HistoryStep;
  readonly warmup: PlanWarmup | undefined;
  /** A time shortly before, ledger's clock: closes of windows are so far from it. */
  readonly nowMs: number;
}

/** The reservation that a step asks for. */
export function requestOf(
  { subject, warmup, nowMs }: AskedStep,
  step: Extract<HistoryStep, { do: 'reserve' }>,
): ReserveRequest {
  const { recipients, limits, minIntervalMs, jitterMs, closesInMs } = step;
  return {
    subject,
    recipients,
    limits,
    minIntervalMs,
    jitterMs,
    ...(closesInMs !== undefined && { spreadUntilMs: nowMs + closesInMs }),
    ...(warmup !== undefined && { warmup }),
  };
}

/** The reply that a step brings. */
export function replyOf({ warmup }: AskedStep, step: Extract<HistoryStep, { do: 'apply' }>): ConsequentReply {
  const { minStopMs, limits } = step;
  return { text: 'reply', minStopMs, limits, ...(warmup !== undefined && { warmup }) };
}

/** The limits of the step, for which usage is asked; none for a step without. */
export function allowanceOf({ step, warmup }: AskedStep): Pick<ReserveRequest, 'limits' | 'warmup'> {
  return { limits: 'limits' in step ? step.limits : [], ...(warmup !== undefined && { warmup }) };
}

/** What a ledger said to one step, and what usage it showed afterwards. */
export interface Observation {
  readonly answer: ReserveAnswer | Stop | undefined;
  readonly usage: QuotaUsage;
  /** The step happened at one of these milliseconds, first and last; the usage was read at the second pair. */
  readonly stepMs: readonly [number, number];
  readonly usageMs: readonly [number, number];
}

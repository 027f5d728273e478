import { CONDITION_TYPES, type Condition, type ConditionType } from '../../api/conditions.ts';
import type { Reason } from '../../api/reasons.ts';
import { statusTime } from './status-time.ts';

/** A condition without its history. */
export type CurrentCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Why something is not as it should be. */
export interface Cause {
  readonly reason: Reason;
  readonly message: string;
}

/**
 * Reasons that may pass without anybody changing this object: what it refers to may still come, what it starts may still be starting. For
 * everything else a person must act.
 */
const PASSING: ReadonlySet<Reason> = new Set<Reason>([
  'Progressing',
  'MailboxNotFound',
  'MailboxesEmpty',
  'ProviderNotFound',
  'PoolNotFound',
  'TemplateNotFound',
  'SuppressionListNotFound',
  'SecretNotFound',
  'SecretKeyNotFound',
  'ConfigMapNotFound',
  'ConfigMapKeyNotFound',
  'FileNotFound',
  'ConnectionFailed',
  'AudienceImporting',
  'SendersStarting',
  'LedgerUnavailable',
]);

/** True or False with its reason; what is false says why. */
export function conditionOf(type: ConditionType, fault: Cause | undefined, good: Cause): CurrentCondition {
  return { type, status: fault === undefined ? 'True' : 'False', ...(fault ?? good) };
}

/** A condition of which nothing is known yet. */
export function unknownCondition(type: ConditionType, cause: Cause): CurrentCondition {
  return { type, status: 'Unknown', ...cause };
}

function abnormal(cause: Cause): CurrentCondition {
  return { type: PASSING.has(cause.reason) ? 'Reconciling' : 'Stalled', status: 'True', ...cause };
}

/**
 * `Ready` and, while it is not True, one of `Reconciling` and `Stalled` (kstatus). Ready is False for the object's first fault, else for
 * the first of its conditions that is False, else Unknown for the first that is Unknown; `good` is what it says when all is well.
 */
export function readiness(
  fault: Cause | undefined,
  declared: readonly CurrentCondition[],
  good: Cause,
): CurrentCondition[] {
  const failed = fault ?? declared.find(({ status }) => status === 'False');
  if (failed !== undefined) {
    const { reason, message } = failed;
    return [{ type: 'Ready', status: 'False', reason, message }, abnormal({ reason, message })];
  }
  const open = declared.find(({ status }) => status === 'Unknown');
  if (open === undefined) return [{ type: 'Ready', status: 'True', ...good }];
  const { reason, message } = open;
  return [
    { type: 'Ready', status: 'Unknown', reason, message },
    { type: 'Reconciling', status: 'True', reason, message },
  ];
}

/**
 * The conditions as they are stored: in their documented order, each with the time of its last change of status. A reason or message may
 * change without that.
 */
export function recordConditions(
  previous: readonly Condition[] | undefined,
  current: readonly CurrentCondition[],
  at: { readonly nowMs: number; readonly generation: number | undefined },
): Condition[] {
  const now = statusTime(at.nowMs);
  const rank = (type: ConditionType): number => CONDITION_TYPES.indexOf(type);
  return [...current]
    .sort((a, b) => rank(a.type) - rank(b.type))
    .map((condition) => {
      const before = previous?.find(({ type }) => type === condition.type);
      const isUnchanged = before?.status === condition.status;
      return {
        ...condition,
        ...(at.generation === undefined ? {} : { observedGeneration: at.generation }),
        lastTransitionTime: isUnchanged ? before.lastTransitionTime : now,
      };
    });
}

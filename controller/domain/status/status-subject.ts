import type { AnyResource } from '../../api/resource.ts';
import { LONGEST_RECONCILE_AT, RECONCILE_AT, type Condition } from '../../api/conditions.ts';
import type { Problem } from '../compile/problem.ts';
import type { WindowWatch } from '../window.ts';
import { recordConditions, type Cause, type CurrentCondition } from './conditions.ts';

/** What every status is made of besides its own facts. */
export interface StatusMoment {
  /** Problems of the whole compilation. */
  readonly problems: readonly Problem[];
  /** ms since the epoch. */
  readonly nowMs: number;
  /** Kept by who makes many statuses; default: one of its own. */
  readonly watch?: WindowWatch;
}

/** The object's own problems of severity Error, in the order of the compilation. */
export function faultsOf(object: AnyResource, problems: readonly Problem[]): Problem[] {
  const { namespace, name } = object.metadata;
  return problems.filter(
    (problem) =>
      problem.severity === 'Error' &&
      problem.object.kind === object.kind &&
      problem.object.namespace === namespace &&
      problem.object.name === name,
  );
}

/** A problem as a cause: which field, and what is wrong with it. */
export function causeOf(problem: Problem): Cause {
  return { reason: problem.reason, message: `${problem.field}: ${problem.message}` };
}

/** The fields that every status begins with. */
export function statusHead(
  object: AnyResource,
  current: readonly CurrentCondition[],
  nowMs: number,
): { observedGeneration?: number; lastHandledReconcileAt?: string; conditions: Condition[] } {
  const { generation, annotations } = object.metadata;
  const reconcileAt = annotations?.[RECONCILE_AT];
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(reconcileAt === undefined
      ? {}
      : { lastHandledReconcileAt: reconcileAt.slice(0, LONGEST_RECONCILE_AT) }),
    conditions: recordConditions(object.status?.conditions, current, { nowMs, generation }),
  };
}

/** What a new status means for those who wait for it: pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Condition, ConditionType } from '../../api/conditions.ts';
import type { EventDetails } from '../kube/event-recorder.ts';
import type { Urgency } from '../kube/status-budget.ts';

/** What all statuses have in common. */
export interface ReportedStatus {
  readonly observedGeneration?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly replicas?: number | undefined;
  readonly readyReplicas?: number | undefined;
}

/** How urgent the change is; undefined = nothing changed. */
export function urgencyOf(before: ReportedStatus | undefined, after: ReportedStatus): Urgency | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  const isUrgent =
    before?.observedGeneration !== after.observedGeneration ||
    // An autoscaler reads these.
    before?.replicas !== after.replicas ||
    before?.readyReplicas !== after.readyReplicas ||
    !isDeepStrictEqual(before?.conditions, after.conditions);
  return isUrgent ? 'Condition' : 'Counter';
}

function conditionOf(status: ReportedStatus | undefined, type: ConditionType): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * The Events of a change: an object stops being ready, or is ready again, or a campaign completes. What is being set up says nothing, or
 * ten thousand new mailboxes would.
 */
export function eventsOf(before: ReportedStatus | undefined, after: ReportedStatus): EventDetails[] {
  const events: EventDetails[] = [];
  const wasReady = conditionOf(before, 'Ready');
  const ready = conditionOf(after, 'Ready');
  if (ready?.status === 'False' && (wasReady?.status !== 'False' || wasReady.reason !== ready.reason)) {
    events.push({ type: 'Warning', reason: ready.reason, action: 'Reconcile', note: ready.message });
  }
  if (ready?.status === 'True' && wasReady?.status === 'False') {
    events.push({ type: 'Normal', reason: ready.reason, action: 'Reconcile', note: ready.message });
  }
  const complete = conditionOf(after, 'Complete');
  if (complete?.status === 'True' && conditionOf(before, 'Complete')?.status !== 'True') {
    events.push({ type: 'Normal', reason: complete.reason, action: 'Send', note: complete.message });
  }
  return events;
}

/** What a new status means for those who wait for it: pure. */
import type { Condition, ConditionType } from '../../api/conditions.ts';
import { REASON_TEXT } from '../../api/reason-text.ts';
import type { EventDetails } from '../kube/event-recorder.ts';
import { isSameValue } from '../kube/same-value.ts';
import type { Urgency } from '../kube/status-budget.ts';

/** What all statuses have in common. */
export interface ReportedStatus {
  readonly observedGeneration?: number | undefined;
  readonly lastHandledReconcileAt?: string | undefined;
  readonly conditions?: readonly Condition[] | undefined;
  readonly replicas?: number | undefined;
  readonly readyReplicas?: number | undefined;
}

/** How urgent the change is; undefined = nothing changed. */
export function urgencyOf(before: ReportedStatus | undefined, after: ReportedStatus): Urgency | undefined {
  if (isSameValue(before, after)) return undefined;
  const isUrgent =
    before?.observedGeneration !== after.observedGeneration ||
    before?.lastHandledReconcileAt !== after.lastHandledReconcileAt ||
    // An autoscaler reads these.
    before?.replicas !== after.replicas ||
    before?.readyReplicas !== after.readyReplicas ||
    !isSameValue(before?.conditions, after.conditions);
  return isUrgent ? 'Condition' : 'Counter';
}

function conditionOf(status: ReportedStatus | undefined, type: ConditionType): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * The Events of a change: an object stops being ready, or is ready again, a provider stops a mailbox before its cap, or a campaign completes.
 * What is being set up says nothing, or ten thousand new mailboxes would; neither does a cap that is used up, which is every day's end.
 */
export function eventsOf(before: ReportedStatus | undefined, after: ReportedStatus): EventDetails[] {
  const shown = (type: ConditionType): [Condition | undefined, Condition | undefined] => [
    conditionOf(before, type),
    conditionOf(after, type),
  ];
  return [
    ...readyEvents(...shown('Ready')),
    ...providerLimitEvents(...shown('QuotaAvailable')),
    ...completeEvents(...shown('Complete')),
  ];
}

function readyEvents(before: Condition | undefined, after: Condition | undefined): EventDetails[] {
  if (after === undefined) return [];
  const { reason, message: note } = after;
  if (isNewFault(before, after)) return [warning(after, 'Reconcile')];
  const wasOut = before?.status === 'False' || before?.reason === 'LedgerUnavailable';
  const isBack = after.status === 'True' && wasOut;
  return isBack ? [{ type: 'Normal', reason, action: 'Reconcile', note }] : [];
}

function providerLimitEvents(before: Condition | undefined, after: Condition | undefined): EventDetails[] {
  if (after?.reason !== 'QuotaExceededAtProvider') return [];
  return isNewFault(before, after) ? [warning(after, 'Send')] : [];
}

/** What is not known any more was well before; what was never known is being set up. */
function isNewFault(before: Condition | undefined, after: Condition): boolean {
  if (after.status === 'Unknown') return before?.status === 'True';
  return after.status === 'False' && (before?.status !== 'False' || before.reason !== after.reason);
}

/** What is wrong, and what to do next. */
function warning({ reason, message }: Condition, action: string): EventDetails {
  const end = /[.!?]$/.test(message) ? '' : '.';
  return {
    type: 'Warning',
    reason,
    action,
    note: `${message}${end} ${REASON_TEXT[reason].remedy}`,
  };
}

function completeEvents(before: Condition | undefined, after: Condition | undefined): EventDetails[] {
  if (after?.status !== 'True' || before?.status === 'True') return [];
  return [{ type: 'Normal', reason: after.reason, action: 'Send', note: after.message }];
}

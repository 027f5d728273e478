/**
 * What an object's status says to tools that wait for it (kubectl, Flux, Argo CD), by the rules of kstatus
 * (sigs.k8s.io/cli-utils): pure.
 */
import type { KubeObject } from './resource.ts';

type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

export interface KstatusResult {
  status: Kstatus;
  message: string;
}

/** The fields of a condition that kstatus looks at. */
interface StatusCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

/** The fields of any status that kstatus looks at. */
interface ObservedStatus {
  observedGeneration?: number;
  conditions?: readonly StatusCondition[];
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  startTime?: string;
}

/** An object with whatever spec and status it has. */
export type ObservedObject = KubeObject & {
  spec?: object | undefined;
  status?: object | undefined;
};

/**
 * Deletion first, then the generation, then Reconciling and Stalled, then the rules of built-in kinds, then Ready.
 * An object that says nothing at all counts as Current.
 */
export function kstatusOf(object: ObservedObject): KstatusResult {
  const { metadata } = object;
  const status: ObservedStatus = object.status ?? {};
  if (metadata.deletionTimestamp)
    return { status: 'Terminating', message: 'Resource scheduled for deletion' };
  const { observedGeneration } = status;
  if (observedGeneration !== undefined && metadata.generation !== undefined) {
    if (observedGeneration !== metadata.generation) {
      return inProgress(`Generation is ${metadata.generation}, observed generation is ${observedGeneration}`);
    }
  }
  return abnormalStatus(status) ?? builtInStatus(object, status) ?? readyStatus(status);
}

function abnormalStatus({ conditions = [] }: ObservedStatus): KstatusResult | undefined {
  const abnormal = conditions.find(
    ({ type, status }) => status === 'True' && (type === 'Reconciling' || type === 'Stalled'),
  );
  if (abnormal === undefined) return undefined;
  const status = abnormal.type === 'Stalled' ? 'Failed' : 'InProgress';
  return { status, message: abnormal.message ?? '' };
}

function readyStatus(status: ObservedStatus): KstatusResult {
  const ready = conditionOf(status, 'Ready');
  if (ready === undefined) return { status: 'Current', message: 'Resource is current' };
  if (ready.status === 'True') return { status: 'Current', message: 'Resource is Ready' };
  return inProgress(ready.message ?? '');
}

function builtInStatus(object: ObservedObject, status: ObservedStatus): KstatusResult | undefined {
  const group = object.apiVersion?.split('/')[0];
  if (group === 'apps' && object.kind === 'Deployment') return deploymentStatus(object, status);
  if (group === 'batch' && object.kind === 'Job') return jobStatus(status);
  return undefined;
}

function deploymentStatus(object: ObservedObject, status: ObservedStatus): KstatusResult {
  const progressing = conditionOf(status, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return { status: 'Failed', message: 'Progress deadline exceeded' };
  }
  const spec: { replicas?: number; progressDeadlineSeconds?: number } = object.spec ?? {};
  const missing = missingReplicas(spec.replicas ?? 1, status);
  if (missing !== undefined) return inProgress(missing);
  // Without a deadline the controller never writes Progressing.
  const isRolledOut = spec.progressDeadlineSeconds === undefined || isRolloutComplete(progressing);
  if (!isRolledOut) return inProgress('ReplicaSet not Available');
  if (conditionOf(status, 'Available')?.status !== 'True') return inProgress('Deployment not Available');
  return { status: 'Current', message: `Deployment is available. Replicas: ${status.replicas ?? 0}` };
}

function isRolloutComplete(progressing: StatusCondition | undefined): boolean {
  return progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable';
}

/** What a rollout still waits for; undefined when all replicas are there, new and ready. */
function missingReplicas(wanted: number, status: ObservedStatus): string | undefined {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, readyReplicas = 0 } = status;
  if (wanted > replicas) return `Replicas: ${replicas}/${wanted}`;
  if (wanted > updatedReplicas) return `Updated: ${updatedReplicas}/${wanted}`;
  if (replicas > wanted) return `Pending termination: ${replicas - wanted}`;
  if (updatedReplicas > availableReplicas) return `Available: ${availableReplicas}/${updatedReplicas}`;
  if (wanted > readyReplicas) return `Ready: ${readyReplicas}/${wanted}`;
  return undefined;
}

function jobStatus(status: ObservedStatus): KstatusResult {
  const failed = conditionOf(status, 'Failed');
  if (failed?.status === 'True') return { status: 'Failed', message: failed.message ?? 'Job failed' };
  if (conditionOf(status, 'Complete')?.status === 'True')
    return { status: 'Current', message: 'Job completed' };
  if (conditionOf(status, 'Suspended')?.status === 'True') {
    return { status: 'Current', message: 'Job is suspended' };
  }
  // A Job that has begun is what was asked for, however long it takes.
  return status.startTime === undefined
    ? inProgress('Job not started')
    : { status: 'Current', message: 'Job in progress' };
}

function conditionOf({ conditions = [] }: ObservedStatus, type: string): StatusCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}

function inProgress(message: string): KstatusResult {
  return { status: 'InProgress', message };
}

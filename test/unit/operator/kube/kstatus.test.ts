import { describe, expect, it } from 'vitest';
import { kstatusOf, type ObservedObject } from '../../../../controller/operator/kube/kstatus.ts';

const condition = (type: string, status: string, reason = 'Because', message = `${type} is ${status}`) => ({
  type,
  status,
  reason,
  message,
});

function mailbox(status: object | undefined, metadata: object = {}): ObservedObject {
  return {
    apiVersion: 'mailers.io/v1alpha1',
    kind: 'Mailbox',
    metadata: { name: 'a', generation: 2, ...metadata },
    status,
  };
}

const deployment = (spec: object, status: object): ObservedObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', generation: 1 },
  spec: { progressDeadlineSeconds: 600, ...spec },
  status: { observedGeneration: 1, ...status },
});
const full = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
const rolledOut = [
  condition('Progressing', 'True', 'NewReplicaSetAvailable'),
  condition('Available', 'True'),
];

const job = (status: object): ObservedObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  status,
});

describe('kstatus', () => {
  it.each<[string, ObservedObject, string, string]>([
    ['an object that says nothing', mailbox(undefined), 'Current', 'Resource is current'],
    [
      'one that is being deleted',
      mailbox(undefined, { deletionTimestamp: 'now' }),
      'Terminating',
      'Resource scheduled for deletion',
    ],
    [
      'one whose newest spec was not looked at, whatever Ready says',
      mailbox({ observedGeneration: 1, conditions: [condition('Ready', 'True')] }),
      'InProgress',
      'Generation is 2, observed generation is 1',
    ],
    [
      'a ready one',
      mailbox({ observedGeneration: 2, conditions: [condition('Ready', 'True')] }),
      'Current',
      'Resource is Ready',
    ],
    [
      'one that is not ready',
      mailbox({ conditions: [condition('Ready', 'False')] }),
      'InProgress',
      'Ready is False',
    ],
    [
      'one that does not know',
      mailbox({ conditions: [condition('Ready', 'Unknown')] }),
      'InProgress',
      'Ready is Unknown',
    ],
    [
      'a reconciling one',
      mailbox({ conditions: [condition('Ready', 'True'), condition('Reconciling', 'True')] }),
      'InProgress',
      'Reconciling is True',
    ],
    [
      'a stalled one',
      mailbox({ conditions: [condition('Ready', 'False'), condition('Stalled', 'True')] }),
      'Failed',
      'Stalled is True',
    ],
    [
      'one whose abnormal conditions are False',
      mailbox({
        conditions: [
          condition('Stalled', 'False'),
          condition('Reconciling', 'False'),
          condition('Ready', 'True'),
        ],
      }),
      'Current',
      'Resource is Ready',
    ],
    ['a deployment without pods', deployment({ replicas: 2 }, {}), 'InProgress', 'Replicas: 0/2'],
    [
      'a deployment that updates',
      deployment({ replicas: 2 }, { ...full, updatedReplicas: 1 }),
      'InProgress',
      'Updated: 1/2',
    ],
    ['a deployment with old pods', deployment({ replicas: 1 }, full), 'InProgress', 'Pending termination: 1'],
    [
      'a deployment that is not available',
      deployment({ replicas: 2 }, { ...full, availableReplicas: 1 }),
      'InProgress',
      'Available: 1/2',
    ],
    [
      'a deployment that is not ready',
      deployment({ replicas: 2 }, { ...full, readyReplicas: 0 }),
      'InProgress',
      'Ready: 0/2',
    ],
    [
      'a deployment before its conditions',
      deployment({ replicas: 2 }, full),
      'InProgress',
      'ReplicaSet not Available',
    ],
    [
      'a deployment without Available',
      deployment({ replicas: 2 }, { ...full, conditions: rolledOut.slice(0, 1) }),
      'InProgress',
      'Deployment not Available',
    ],
    [
      'a rolled out deployment',
      deployment({ replicas: 2 }, { ...full, conditions: rolledOut }),
      'Current',
      'Deployment is available. Replicas: 2',
    ],
    [
      'a deployment that gave up',
      deployment({}, { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] }),
      'Failed',
      'Progress deadline exceeded',
    ],
    ['a job before its start', job({}), 'InProgress', 'Job not started'],
    ['a running job', job({ startTime: 'now' }), 'Current', 'Job in progress'],
    ['a suspended job', job({ conditions: [condition('Suspended', 'True')] }), 'Current', 'Job is suspended'],
    [
      'a completed job',
      job({ startTime: 'now', conditions: [condition('Complete', 'True')] }),
      'Current',
      'Job completed',
    ],
    [
      'a failed job',
      job({ conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'gave up')] }),
      'Failed',
      'gave up',
    ],
  ])('of %s', (_, object, status, message) => {
    expect(kstatusOf(object)).toEqual({ status, message });
  });
});

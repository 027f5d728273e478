import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { kubectl } from '../kubectl.ts';
import { kubeconfigPath } from '../plane/kubeconfig.ts';
import { nodeName } from './addresses.ts';

/** The name that kind gives to its default class too. */
const storageClass = 'standard';

/** A claim uses one up for good, since nothing empties it: enough for many installations during a cluster's life. */
const volumeCount = 32;

/** Gives the cluster a default storage class with volumes to claim: folders of this machine, gone when the cluster goes down. */
export async function provideVolumes(dir: string): Promise<void> {
  const folders = Array.from({ length: volumeCount }, (_, index) =>
    join(dir, 'volumes', `volume-${index + 1}`),
  );
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
  }
  const list = { apiVersion: 'v1', kind: 'List', items: [defaultClass, ...folders.map(volume)] };
  await kubectl(kubeconfigPath(dir, 'admin'), ['create', '--filename', '-'], { input: JSON.stringify(list) });
}

const defaultClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: storageClass, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
} as const;

function volume(path: string, index: number): object {
  const onThisNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `volume-${index + 1}` },
    spec: {
      capacity: { storage: '10Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: storageClass,
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [onThisNode] }] } },
    },
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDirectory } from '../environment.ts';
import { auditPolicy, planeIdentities, serverUrl, type Plane } from '../plane/components.ts';
import { writeKubeconfig } from '../plane/kubeconfig.ts';
import { createPki, pkiFolder, type Identity } from '../plane/pki.ts';
import { addresses, nodeName } from './addresses.ts';
import { nodeConfiguration } from './node-components.ts';

/** One machine holds one native cluster, since its addresses are fixed. */
export function nativePlane(): Plane {
  return {
    dir: join(cacheDirectory(), 'cluster', 'native'),
    bindAddress: addresses.node,
    apiPort: 6443,
    etcdPort: 2379,
    etcdPeerPort: 2380,
    serviceRange: addresses.services,
    apiServiceAddress: addresses.apiService,
    hasAudit: true,
    hasControllers: true,
  };
}

/** What lets the API server reach the kubelet, for logs and exec. */
export function kubeletAccess(dir: string): string[] {
  return [
    `--kubelet-client-certificate=${join(pkiFolder(dir), 'admin.crt')}`,
    `--kubelet-client-key=${join(pkiFolder(dir), 'admin.key')}`,
    `--kubelet-certificate-authority=${join(pkiFolder(dir), 'ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

/** Writes everything that the cluster's programs read: certificates, kubeconfigs, configuration files. */
export async function writeNodeState(plane: Plane): Promise<void> {
  mkdirSync(plane.dir, { recursive: true, mode: 0o711 });
  const identities = [...planeIdentities(plane), ...nodeIdentities];
  await createPki(plane.dir, identities);
  for (const { name } of identities) writeKubeconfig(plane.dir, serverUrl(plane), name);
  const files = { ...nodeConfiguration(plane.dir), 'audit-policy.json': JSON.stringify(auditPolicy) };
  for (const [name, content] of Object.entries(files)) {
    const path = join(plane.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

const nodeIdentities: readonly Identity[] = [
  {
    name: 'kubelet',
    subject: `/O=system:nodes/CN=system:node:${nodeName}`,
    alternativeNames: [`DNS:${nodeName}`, `IP:${addresses.node}`],
  },
  { name: 'kube-proxy', subject: '/CN=system:kube-proxy' },
  { name: 'coredns', subject: '/O=system:masters/CN=coredns' },
];

import { join } from 'node:path';
import { binaryPath } from '../binaries.ts';
import type { Daemon } from '../process/daemon.ts';
import { kubeconfigPath } from './kubeconfig.ts';
import { pkiFolder, type Identity } from './pki.ts';

/** Where a control plane keeps its state and where it listens. */
export type Plane = {
  dir: string;
  bindAddress: string;
  apiPort: number;
  etcdPort: number;
  etcdPeerPort: number;
  /** Range of Service addresses; nothing answers there unless a node runs kube-proxy. */
  serviceRange: string;
  /** The first address of the range: the `kubernetes` Service. */
  apiServiceAddress: string;
  /** True when every request is to be recorded in `audit.log`. */
  hasAudit: boolean;
  /** True when a controller manager will make the default service account of each namespace. */
  hasControllers: boolean;
};

/** https://ADDRESS:PORT of the API server. */
export function serverUrl(plane: Plane): string {
  return `https://${plane.bindAddress}:${plane.apiPort}`;
}

/** One JSON line per finished request. */
export function auditLogPath(dir: string): string {
  return join(dir, 'audit.log');
}

/** Who the control plane's own programs are, for `createPki`. */
export function planeIdentities(plane: Plane): Identity[] {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'].map((name) => `DNS:${name}`);
  const addresses = ['127.0.0.1', plane.bindAddress, plane.apiServiceAddress].map(
    (address) => `IP:${address}`,
  );
  return [
    {
      name: 'apiserver',
      subject: '/CN=kube-apiserver',
      alternativeNames: ['DNS:localhost', ...service, ...new Set(addresses)],
    },
    { name: 'admin', subject: '/O=system:masters/CN=admin' },
    // An administrator: acting as one service account per controller would cost it five seconds of start.
    { name: 'controller-manager', subject: '/O=system:masters/CN=system:kube-controller-manager' },
    { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
  ];
}

/** Collecting garbage less often spares an API server a fifth of its start (2.7 s of CPU instead of 3.3); the limit keeps its memory small. */
const LAZY_COLLECTOR = { GOGC: '400', GOMEMLIMIT: '1GiB' } as const;

/** etcd without fsync: a test cluster's data need not survive a power cut. */
export function etcd(plane: Plane): Daemon {
  const client = `http://127.0.0.1:${plane.etcdPort}`;
  const peer = `http://127.0.0.1:${plane.etcdPeerPort}`;
  const urls = [`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`];
  const peers = [
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
  const data = [`--data-dir=${join(plane.dir, 'etcd')}`, '--unsafe-no-fsync', '--log-level=warn'];
  return {
    dir: plane.dir,
    name: 'etcd',
    argv: [binaryPath('etcd'), ...data, ...urls, ...peers],
    environment: LAZY_COLLECTOR,
  };
}

/** The API server; with a `kubeletClient` it also reaches the kubelet (logs, exec). */
export function apiServer(plane: Plane, extra: readonly string[] = []): Daemon {
  const pki = (file: string) => join(pkiFolder(plane.dir), file);
  const audit = [
    `--audit-policy-file=${join(plane.dir, 'audit-policy.json')}`,
    `--audit-log-path=${auditLogPath(plane.dir)}`,
  ];
  return {
    dir: plane.dir,
    name: 'kube-apiserver',
    environment: LAZY_COLLECTOR,
    argv: [
      binaryPath('kube-apiserver'),
      `--etcd-servers=http://127.0.0.1:${plane.etcdPort}`,
      `--bind-address=${plane.bindAddress}`,
      `--advertise-address=${plane.bindAddress}`,
      `--secure-port=${plane.apiPort}`,
      `--tls-cert-file=${pki('apiserver.crt')}`,
      `--tls-private-key-file=${pki('apiserver.key')}`,
      `--client-ca-file=${pki('ca.crt')}`,
      `--service-account-key-file=${pki('service-accounts.pub')}`,
      `--service-account-signing-key-file=${pki('service-accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--authorization-mode=Node,RBAC',
      `--service-cluster-ip-range=${plane.serviceRange}`,
      '--allow-privileged',
      // Open watches would otherwise hold up an orderly end for as long as their clients like (60 s).
      '--shutdown-watch-termination-grace-period=1s',
      ...(plane.hasAudit ? audit : []),
      // Without a controller manager nobody makes default service accounts, and no pod could be created.
      ...(plane.hasControllers ? [] : ['--disable-admission-plugins=ServiceAccount']),
      ...extra,
    ],
  };
}

/** Records metadata of every finished request: enough to count writes by user, verb and resource. */
export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'Metadata' }],
} as const;

/** The controllers of Deployments, garbage collection, namespaces … */
export function controllerManager(plane: Plane): Daemon {
  const pki = (file: string) => join(pkiFolder(plane.dir), file);
  return {
    dir: plane.dir,
    name: 'kube-controller-manager',
    argv: [
      binaryPath('kube-controller-manager'),
      `--kubeconfig=${kubeconfigPath(plane.dir, 'controller-manager')}`,
      `--service-account-private-key-file=${pki('service-accounts.key')}`,
      `--root-ca-file=${pki('ca.crt')}`,
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      '--leader-elect=false',
      '--allocate-node-cidrs=false',
      '--secure-port=0',
    ],
  };
}

/** Puts pods on nodes. */
export function scheduler(plane: Plane): Daemon {
  return {
    dir: plane.dir,
    name: 'kube-scheduler',
    argv: [
      binaryPath('kube-scheduler'),
      `--kubeconfig=${kubeconfigPath(plane.dir, 'scheduler')}`,
      '--leader-elect=false',
      '--secure-port=0',
    ],
  };
}

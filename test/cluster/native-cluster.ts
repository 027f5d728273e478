import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { controlPlaneBinaries, ensureBinaries, nodeBinaries } from './binaries.ts';
import { withFileLock } from './build/file-lock.ts';
import { kubectl } from './kubectl.ts';
import { nodeName } from './native/addresses.ts';
import { makeNodeCgroups, removeNodeCgroups } from './native/cgroups.ts';
import { ctr, importArchive, prepareImageStore, untilContainerdAnswers } from './native/image-store.ts';
import { containerd, coredns, kubelet, kubeProxy } from './native/node-components.ts';
import { closeNode, endInNode, isNodeOpen, openNode, startInNode } from './native/node-namespace.ts';
import { kubeletAccess, nativePlane, writeNodeState } from './native/node-state.ts';
import { provideVolumes } from './native/storage.ts';
import { apiServer, auditLogPath, controllerManager, etcd, scheduler } from './plane/components.ts';
import { kubeconfigPath } from './plane/kubeconfig.ts';
import { untilApiServerReady, untilControllersReady } from './plane/readiness.ts';
import { daemonPid, logTail, type Daemon } from './process/daemon.ts';
import { waitUntil } from './process/wait-until.ts';

/** A whole Kubernetes of one node on this machine, without a container engine. */
export type NativeCluster = {
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** One JSON line per API request (audit.k8s.io/v1 Event, metadata only). */
  auditLog: string;
};

export type NativeDaemonName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'containerd'
  | 'kubelet'
  | 'kube-proxy'
  | 'coredns';

/** Measured: 4 s for a Ready node on an idle machine. */
const nodeReadyWithinMs = 120_000;

/** The cluster if all its programs run, else undefined; says nothing about their health. */
export function nativeClusterStatus(): NativeCluster | undefined {
  const { dir } = nativePlane();
  const isUp = isNodeOpen(dir) && daemons().every(({ name }) => daemonPid(dir, name) !== undefined);
  return isUp ? describe(dir) : undefined;
}

/**
 * Brings the cluster up, or takes the one that is up, and gives it the images of the archives. Needs root, and the packages
 * of `ensureDebianPackages`.
 * @throws naming the program that did not come up and where its log is; what was started stays for a look, until `downNativeCluster`.
 */
export async function upNativeCluster(archives: readonly string[]): Promise<NativeCluster> {
  const { dir } = nativePlane();
  await ensureBinaries([...controlPlaneBinaries, ...nodeBinaries]);
  mkdirSync(dirname(dir), { recursive: true });
  await withFileLock(`${dir}.lock`, async () => {
    if (nativeClusterStatus() === undefined) {
      await takeDown(dir);
      await start(archives);
    }
    for (const archive of archives) await importArchive(dir, archive);
  });
  return describe(dir);
}

/** Ends the cluster and removes all that it made: processes, mounts, network, firewall rules, control groups, files. */
export async function downNativeCluster(): Promise<void> {
  const { dir } = nativePlane();
  mkdirSync(dirname(dir), { recursive: true });
  await withFileLock(`${dir}.lock`, async () => await takeDown(dir));
}

/**
 * Ends one of the cluster's programs with the signal and starts it again. Waits for the API server to be ready;
 * the others are running, but may need a moment.
 */
export async function replaceNativeDaemon(name: NativeDaemonName, signal: NodeJS.Signals): Promise<void> {
  const plane = nativePlane();
  const daemon = daemons().find((candidate) => candidate.name === name);
  if (daemon === undefined) throw new Error(`the native cluster has no program ${name}`);
  await endInNode(plane.dir, name, signal);
  startInNode(daemon);
  if (name === 'kube-apiserver') await untilApiServerReady(plane);
}

/** Runs containerd's client `ctr` on the node: to import an image, or to kill a container behind the kubelet's back. */
export async function nativeCtr(args: readonly string[]): Promise<string> {
  return await ctr(nativePlane().dir, args);
}

async function start(archives: readonly string[]): Promise<void> {
  const plane = nativePlane();
  const { dir } = plane;
  await writeNodeState(plane);
  makeNodeCgroups();
  await openNode(dir);
  startInNode(etcd(plane));
  startInNode(nativeApiServer());
  await Promise.all([untilApiServerReady(plane), prepareImageStore(dir, archives)]);
  startInNode(containerd(dir));
  // A kubelet that finds no containerd ends at once.
  await untilContainerdAnswers(dir);
  for (const daemon of lastDaemons()) startInNode(daemon);
  await provideVolumes(dir);
  await untilControllersReady(plane);
  await untilNodeReady(dir);
}

/** A kubelet ends where containerd answers but has not recovered its state yet. It is started again, as systemd does on other nodes. */
async function untilNodeReady(dir: string): Promise<void> {
  const condition = '{.status.conditions[?(@.type=="Ready")].status}';
  const question = ['get', 'node', nodeName, '-o', `jsonpath=${condition}`];
  const outcome = await waitUntil(
    `the node is Ready (logs in ${dir}/log)`,
    async () => {
      const ended = daemons().find(({ name }) => daemonPid(dir, name) === undefined);
      if (ended?.name === 'kubelet') startInNode(ended);
      else if (ended !== undefined) return { ended: ended.name };
      return (await kubectl(kubeconfigPath(dir, 'admin'), question)) === 'True' && {};
    },
    { timeoutMs: nodeReadyWithinMs, intervalMs: 250 },
  );
  if ('ended' in outcome) {
    throw new Error(`${outcome.ended} ended while the cluster started: ${logTail(dir, outcome.ended)}`);
  }
}

async function takeDown(dir: string): Promise<void> {
  await closeNode(dir);
  await removeNodeCgroups();
  rmSync(dir, { recursive: true, force: true });
}

function nativeApiServer(): Daemon {
  const plane = nativePlane();
  return apiServer(plane, kubeletAccess(plane.dir));
}

function lastDaemons(): Daemon[] {
  const plane = nativePlane();
  const { dir } = plane;
  return [controllerManager(plane), scheduler(plane), kubelet(dir), kubeProxy(dir), coredns(dir)];
}

function daemons(): Daemon[] {
  const plane = nativePlane();
  return [etcd(plane), nativeApiServer(), containerd(plane.dir), ...lastDaemons()];
}

function describe(dir: string): NativeCluster {
  return { kubeconfig: kubeconfigPath(dir, 'admin'), auditLog: auditLogPath(dir) };
}

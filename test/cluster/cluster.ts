import { ensureBinaries, nodeBinaries } from './binaries.ts';
import { buildArchives } from './image.ts';
import { appImage } from './image-names.ts';
import { downKindCluster, isKindClusterUp, upKindCluster } from './kind-cluster.ts';
import { machineFacts } from './machine-facts.ts';
import { downNativeCluster, nativeClusterStatus, upNativeCluster } from './native-cluster.ts';
import { ensureDebianPackages, nativePackages } from '../debian/debian-packages.ts';
import { clusterKind, whatIsMissing, type ClusterKind } from './prerequisites.ts';

/** A running Kubernetes that has the project's image. */
export type TestCluster = {
  kind: ClusterKind;
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** The project's image as pods name it; it is in the cluster, nothing pulls it. */
  image: string;
};

/**
 * Brings up the cluster that this machine can run, or takes the one that is up, and gives it the project's image as the
 * checkout is now.
 * @throws with one sentence when the machine lacks something, or saying what did not come up.
 */
export async function bringUpCluster(report: (line: string) => void): Promise<TestCluster> {
  const facts = await machineFacts('cluster');
  const missing = whatIsMissing('cluster', facts);
  if (missing !== undefined) throw new Error(missing);
  const kind = clusterKind(facts);
  const kubeconfig = kind === 'kind' ? await upKindCluster(report) : await upNative(report);
  return { kind, kubeconfig, image: appImage };
}

/** Takes the cluster down; nothing of it stays but the caches. */
export async function takeDownCluster(): Promise<void> {
  if (clusterKind(await machineFacts('cluster')) === 'kind') await downKindCluster();
  else await downNativeCluster();
}

/**
 * For a test file: the cluster, and what to do after the tests. One that somebody else had brought up stays up.
 */
export async function borrowCluster(
  report: (line: string) => void,
): Promise<{ cluster: TestCluster; giveBack: () => Promise<void> }> {
  const { hasDockerEngine } = await machineFacts('cluster');
  const wasUp = hasDockerEngine ? await isKindClusterUp() : nativeClusterStatus() !== undefined;
  const cluster = await bringUpCluster(report);
  return { cluster, giveBack: wasUp ? () => Promise.resolve() : takeDownCluster };
}

/** Installs and builds what a cluster of this machine takes, as far as it is not there yet. */
export async function prepareCluster(report: (line: string) => void): Promise<void> {
  if (clusterKind(await machineFacts('cluster')) === 'native') await prepareNative(report);
}

async function upNative(report: (line: string) => void): Promise<string> {
  return (await upNativeCluster(await prepareNative(report))).kubeconfig;
}

/** Answers the archives of the images. */
async function prepareNative(report: (line: string) => void): ReturnType<typeof buildArchives> {
  await ensureDebianPackages(nativePackages, report);
  await ensureBinaries(nodeBinaries, report);
  return buildArchives(report);
}

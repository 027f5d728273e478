import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBinaries, kindBinaries } from './binaries.ts';
import { cacheDirectory } from './environment.ts';
import { checkout } from './image.ts';
import { appImage } from './image-names.ts';
import { runCommand } from './process/command.ts';

const name = 'mailers';

/**
 * Brings a kind cluster up, or takes the one that is up, and gives it the project's image. Needs a Docker engine, which also
 * pulls what other images the pods name.
 * @returns the path of the administrator's kubeconfig.
 */
export async function upKindCluster(report: (line: string) => void): Promise<string> {
  const { kind } = await ensureBinaries(kindBinaries, report);
  mkdirSync(join(cacheDirectory(), 'cluster'), { recursive: true });
  if (await isKindClusterUp()) {
    await runCommand(kind, ['export', 'kubeconfig', '--name', name, '--kubeconfig', kindKubeconfig()]);
  } else {
    report(`Creating the kind cluster ${name}`);
    await runCommand(kind, [
      'create',
      'cluster',
      '--name',
      name,
      '--kubeconfig',
      kindKubeconfig(),
      '--wait',
      '180s',
    ]);
  }
  await runCommand('docker', ['build', '--tag', appImage, checkout]);
  await runCommand(kind, ['load', 'docker-image', appImage, '--name', name]);
  return kindKubeconfig();
}

/** True when the cluster has been created and not deleted since. */
export async function isKindClusterUp(): Promise<boolean> {
  const { kind } = await ensureBinaries(kindBinaries);
  return (await runCommand(kind, ['get', 'clusters'])).split('\n').includes(name);
}

/** Deletes the cluster with all that is in it. */
export async function downKindCluster(): Promise<void> {
  const { kind } = await ensureBinaries(kindBinaries);
  await runCommand(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', kindKubeconfig()]);
}

function kindKubeconfig(): string {
  return join(cacheDirectory(), 'cluster', 'kind.kubeconfig');
}

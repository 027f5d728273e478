import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../environment.ts';
import { runCommand, succeeds } from '../process/command.ts';

export type ImageBuild = {
  /** Full name with tag. */
  name: string;
  file: string;
  /** The folder whose files the build may copy. */
  context: string;
  /** HOST:CONTAINER[:ro], seen by RUN only. */
  volumes?: readonly string[];
};

/** Builds an image from a Dockerfile without a container engine; steps that have not changed are taken from the cache. */
export async function buildImage(build: ImageBuild): Promise<void> {
  const volumes = (build.volumes ?? []).map((volume) => `--volume=${volume}`);
  const how = ['--isolation=chroot', '--pull-never', '--layers', '--quiet', ...volumes];
  await runCommand(
    'unshare',
    buildah(['bud', ...how, `--tag=${build.name}`, `--file=${build.file}`, build.context]),
  );
}

/** Removes what broken builds and replaced images have left. */
export async function pruneImages(): Promise<void> {
  await runCommand('unshare', buildah(['rm', '--all']));
  await runCommand('unshare', buildah(['rmi', '--prune']));
}

/** Gives an image one more name. */
export async function tagImage(name: string, alias: string): Promise<void> {
  await runCommand('unshare', buildah(['tag', name, alias]));
}

/** True when the image has been built. */
export async function hasImage(name: string): Promise<boolean> {
  return await succeeds('unshare', buildah(['inspect', '--type=image', name]));
}

/** Writes the image as an archive that containerd and Docker can load; the file appears complete or not at all. */
export async function exportImage(name: string, archive: string): Promise<void> {
  const scratch = `${archive}.${process.pid}`;
  try {
    await runCommand('unshare', buildah(['push', '--quiet', name, `docker-archive:${scratch}:${name}`]));
    renameSync(scratch, archive);
  } finally {
    rmSync(scratch, { force: true });
  }
}

/** Where base images and archives are kept. */
export function imageFolder(): string {
  const folder = join(cacheDirectory(), 'images');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** In a mount namespace of its own, since buildah's storage would stay mounted; with a storage of its own. */
function buildah(args: readonly string[]): string[] {
  const storage = ['--root', join(imageFolder(), 'storage'), '--runroot', join(imageFolder(), 'run')];
  return ['--mount', 'buildah', ...storage, '--storage-driver', 'overlay', ...args];
}

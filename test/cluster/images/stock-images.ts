import { chmodSync, copyFileSync, cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { existsSync } from 'node:fs';
import { binaryPath } from '../binaries.ts';
import { searchPath } from '../environment.ts';
import { nodeBaseImage, pauseImage, redisImage } from '../image-names.ts';
import { runCommand } from '../process/command.ts';
import { buildImage, exportImage, hasImage, imageFolder, tagImage } from './buildah.ts';

const debianImage = 'localhost/debian:bookworm-slim';

/** Not needed in a container; the slim images leave them out too. */
const surplus = [
  'var/cache/apt/archives',
  'var/lib/apt/lists',
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
];

/**
 * The archives of the images that are not ours but that a cluster without a registry needs: pause and Redis. Built once.
 * @param report receives a line before each build, since the first takes a minute.
 */
export async function stockArchives(report: (line: string) => void): Promise<string[]> {
  const pause = join(imageFolder(), 'pause.tar');
  const redis = join(imageFolder(), 'redis.tar');
  if (!existsSync(pause)) {
    await inContext('pause', async (context) => {
      copyFileSync(binaryPath('pause'), join(context, 'pause'));
      await buildImage({ name: pauseImage, file: containerfile('pause'), context });
    });
    await exportImage(pauseImage, pause);
  }
  if (!existsSync(redis)) {
    await ensureDebian(report);
    await inContext('redis', async (context) => {
      await buildImage({ name: redisImage, file: containerfile('redis'), context });
    });
    await exportImage(redisImage, redis);
  }
  return [pause, redis];
}

/** Makes the image that the Dockerfile starts from, with the Node that runs this process. */
export async function ensureNodeBase(report: (line: string) => void): Promise<void> {
  const exact = `localhost/node:${process.versions.node}`;
  if (!(await hasImage(exact))) {
    await ensureDebian(report);
    await inContext('node', async (context) => {
      copyFileSync(process.execPath, join(context, 'node'));
      cpSync(npmFolder(), join(context, 'npm'), { recursive: true });
      await buildImage({ name: exact, file: containerfile('node'), context });
    });
  }
  await tagImage(exact, nodeBaseImage);
}

async function ensureDebian(report: (line: string) => void): Promise<void> {
  if (await hasImage(debianImage)) return;
  report('Making a Debian base image: once, about a minute');
  await inContext('debian', async (context) => {
    const packages = '--include=ca-certificates,libatomic1,libstdc++6';
    await runCommand('debootstrap', ['--variant=minbase', packages, 'bookworm', context]);
    for (const folder of surplus) rmSync(join(context, folder), { recursive: true, force: true });
    await buildImage({ name: debianImage, file: containerfile('debian'), context });
  });
}

/** Runs the action with an empty folder that is the root of an image, hence open to every user in it. */
async function inContext(name: string, action: (context: string) => Promise<void>): Promise<void> {
  const context = mkdtempSync(join(imageFolder(), `.${name}-`));
  chmodSync(context, 0o755);
  try {
    await action(context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

function containerfile(name: string): string {
  return join(import.meta.dirname, `${name}.Containerfile`);
}

/** The folder of the npm on the path: npm is a link to bin/npm-cli.js in it. */
function npmFolder(): string {
  const npm = searchPath()
    .split(delimiter)
    .map((folder) => join(folder, 'npm'))
    .find((path) => existsSync(path));
  if (npm === undefined)
    throw new Error('npm is not on the path; it is needed inside the base image to build ours');
  return join(realpathSync(npm), '..', '..');
}

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCommand } from '../process/command.ts';
import { waitUntil } from '../process/wait-until.ts';
import { containerdSocket, imageStoreFolder, imageStoreKeeper } from './node-components.ts';
import { endInNode, startInNode } from './node-namespace.ts';

/** Where the kubelet looks for images. */
const namespace = 'k8s.io';

/** Runs containerd's own client on the node's images and containers, and returns its output. */
export async function ctr(dir: string, args: readonly string[]): Promise<string> {
  return await runCommand('ctr', ['--address', containerdSocket(dir), '--namespace', namespace, ...args]);
}

/**
 * Prepares the image store before containerd serves the kubelet: takes out what containers an earlier cluster left in it,
 * and puts in the archives' images.
 */
export async function prepareImageStore(dir: string, archives: readonly string[]): Promise<void> {
  const keeper = imageStoreKeeper(dir);
  startInNode(keeper);
  await untilContainerdAnswers(dir);
  const leftOver = (await ctr(dir, ['containers', 'list', '--quiet'])).split('\n').filter((id) => id !== '');
  if (leftOver.length > 0) await ctr(dir, ['containers', 'delete', ...leftOver]);
  for (const archive of archives) await importArchive(dir, archive);
  await endInNode(dir, keeper.name, 'SIGTERM');
}

/** Waits until a containerd serves its socket. */
export async function untilContainerdAnswers(dir: string): Promise<void> {
  const answers = async () => (await ctr(dir, ['version'])) !== '';
  await waitUntil(`containerd answers (log in ${dir}/log)`, answers, { timeoutMs: 60_000 });
}

/** Gives the node the images of an archive, unless it has had this very file before. */
export async function importArchive(dir: string, archive: string): Promise<void> {
  const notes = join(imageStoreFolder(), 'imported-archives');
  const note = join(notes, basename(archive));
  const { size, mtimeMs } = statSync(archive);
  const stamp = `${size} ${mtimeMs}`;
  if (readIfPresent(note) === stamp) return;
  await ctr(dir, ['images', 'import', archive]);
  mkdirSync(notes, { recursive: true });
  writeFileSync(note, stamp);
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

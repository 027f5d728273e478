import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { watchManifests, type WatchOptions } from '../../../../controller/cli/manifests/watch.ts';
import { manifestDirectory } from '../../../builders/manifest.ts';

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const { directory, remove } = await manifestDirectory(files);
  cleanups.push(remove);
  return directory;
}

/** Watches; `seen` waits for a call since the last `seen`. */
async function watching(path: string, options: WatchOptions = {}) {
  const onChange = vi.fn<() => void>();
  const watch = await watchManifests(path, onChange, { settleMs: 20, pollMs: 50, ...options });
  cleanups.push(watch.close);
  let before = 0;
  const seen = async (): Promise<void> => {
    const isCalled = () => expect(onChange.mock.calls.length).toBeGreaterThan(before);
    await vi.waitFor(isCalled, { timeout: 5000, interval: 5 });
    before = onChange.mock.calls.length;
  };
  return { watch, onChange, seen };
}

/** Replaces a file in one step, as editors do. */
async function replace(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}

describe('watching manifests', () => {
  it('tells of a file that was written', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a' });
    const { seen } = await watching(directory);
    await writeFile(join(directory, 'a.yaml'), 'longer');
    await seen();
  });

  it('tells of a file that an editor replaced by a rename, again and again', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a' });
    const { seen } = await watching(directory);
    for (const version of ['one', 'two', 'three']) {
      await replace(join(directory, 'a.yaml'), version);
      await seen();
    }
  });

  it('tells of a single file, watched by itself, that was replaced', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a', 'b.yaml': 'b' });
    const { seen } = await watching(join(directory, 'a.yaml'));
    await replace(join(directory, 'a.yaml'), 'other');
    await seen();
  });

  it('tells of a mounted ConfigMap whose ..data link was swapped', async () => {
    const directory = await directoryWith({});
    await mkdir(join(directory, '..first'));
    await writeFile(join(directory, '..first', 'a.yaml'), 'one');
    await symlink('..first', join(directory, '..data'));
    await symlink('..data/a.yaml', join(directory, 'a.yaml'));
    const { seen } = await watching(directory);
    await mkdir(join(directory, '..second'));
    await writeFile(join(directory, '..second', 'a.yaml'), 'two');
    await symlink('..second', join(directory, '..data_tmp'));
    await rename(join(directory, '..data_tmp'), join(directory, '..data'));
    await seen();
  });

  it('tells of a directory that was deleted and made again, and of what changes in the new one', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a' });
    const { seen } = await watching(directory);
    await rm(directory, { recursive: true });
    await seen();
    await mkdir(directory);
    await writeFile(join(directory, 'a.yaml'), 'b');
    await seen();
    await writeFile(join(directory, 'a.yaml'), 'longer');
    await seen();
  });

  it('looks periodically where the system refuses to watch', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a' });
    const start = () => {
      throw new Error('ENOSPC: too many watches');
    };
    const { seen } = await watching(directory, { start });
    await writeFile(join(directory, 'b.yaml'), 'b');
    await seen();
  });

  it('says nothing of files that are no manifests', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a' });
    const { onChange, seen } = await watching(directory);
    await writeFile(join(directory, 'notes.txt'), 'x');
    await writeFile(join(directory, '.a.yaml.swp'), 'x');
    await replace(join(directory, 'a.yaml'), 'longer');
    await seen();
    expect(onChange).toHaveBeenCalledTimes(1);
  });

  it('says nothing more once it is closed', async () => {
    const directory = await directoryWith({ 'a.yaml': 'a' });
    const closed = await watching(directory);
    const open = await watching(directory);
    closed.watch.close();
    await writeFile(join(directory, 'a.yaml'), 'longer');
    await open.seen();
    expect(closed.onChange).not.toHaveBeenCalled();
  });
});

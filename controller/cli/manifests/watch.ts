import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { watchDirectory, type WatchStarter } from './directory-watch.ts';
import { isManifestName } from './manifest-files.ts';

/** A running watch. */
export interface ManifestWatch {
  /** Ends it; no call of `onChange` begins afterwards. */
  readonly close: () => void;
}

export interface WatchOptions {
  /** Quiet time after the last sign of a change before it is looked at, in milliseconds. Default 80. */
  readonly settleMs?: number;
  /** How often to look where the system cannot tell of changes, in milliseconds. Default 500. */
  readonly pollMs?: number;
  /** How the system is asked. Default: `fs.watch`. */
  readonly start?: WatchStarter;
}

/** A steady stream of changes is looked at this often all the same. */
const LONGEST_SETTLE_MS = 200;

/**
 * Calls `onChange` when manifests at these paths have changed: written, replaced by a rename (editors), swapped through
 * a symbolic link (mounted ConfigMaps, git-sync), added or removed; also when a directory is deleted and made again.
 * Where the system cannot watch, it looks periodically. Directories are watched without their subdirectories, as they
 * are loaded.
 */
export async function watchManifests(
  paths: string | readonly string[],
  onChange: () => void,
  options: WatchOptions = {},
): Promise<ManifestWatch> {
  const watched = typeof paths === 'string' ? [paths] : paths;
  const { settleMs = 80, pollMs = 500, start } = options;
  const look = changeDetector(() => fingerprint(watched), await fingerprint(watched), onChange);
  const settled = debounce(look.look, settleMs);
  const directories = new Set(await Promise.all(watched.map(directoryOf)));
  const watches = [...directories].map((directory) => watchDirectory(directory, settled.call, pollMs, start));
  return {
    close: () => {
      look.close();
      settled.cancel();
      for (const watch of watches) watch.close();
    },
  };
}

/** Looks one at a time; a call while looking leads to another look. */
function changeDetector(take: () => Promise<string>, first: string, onChange: () => void) {
  const state = { last: first, isClosed: false, isLooking: false, isLookDue: false };
  const look = async (): Promise<void> => {
    state.isLookDue = true;
    if (state.isLooking) return;
    state.isLooking = true;
    while (state.isLookDue && !state.isClosed) {
      state.isLookDue = false;
      const now = await take();
      if (now === state.last || state.isClosed) continue;
      state.last = now;
      onChange();
    }
    state.isLooking = false;
  };
  return {
    look: () => void look(),
    close: () => {
      state.isClosed = true;
    },
  };
}

function debounce(action: () => void, quietMs: number) {
  let timer: NodeJS.Timeout | undefined;
  let firstCallAt = 0;
  const run = (): void => {
    timer = undefined;
    action();
  };
  return {
    call: () => {
      const now = performance.now();
      if (timer === undefined) firstCallAt = now;
      clearTimeout(timer);
      timer = setTimeout(run, Math.max(0, Math.min(quietMs, firstCallAt + LONGEST_SETTLE_MS - now)));
    },
    cancel: () => {
      clearTimeout(timer);
    },
  };
}

/** Equal as long as no manifest has changed, seen through symbolic links. */
async function fingerprint(paths: readonly string[]): Promise<string> {
  const files = (await Promise.all(paths.map(manifestsAt))).flat();
  return (await Promise.all(files.map(fileFingerprint))).join('\n');
}

async function manifestsAt(path: string): Promise<string[]> {
  try {
    const names = await readdir(path);
    return names
      .filter(isManifestName)
      .sort()
      .map((name) => join(path, name));
  } catch {
    return [path];
  }
}

async function fileFingerprint(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(file);
    return [file, dev, ino, size, mtimeMs].join(' ');
  } catch {
    return `${file} absent`;
  }
}

/** A file is watched through its directory: an editor replaces it, and the watch would stay with the old one. */
async function directoryOf(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? path : dirname(path);
  } catch {
    return path;
  }
}

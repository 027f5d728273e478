import { watch as watchFileSystem, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Tells of signs of a change in a directory, until it is closed. */
export interface DirectoryWatch {
  readonly close: () => void;
}

/** Begins to watch a directory; throws where the system cannot. */
export type WatchStarter = (directory: string, onSign: () => void) => FSWatcher;

/**
 * Calls `onSign` whenever something may have changed in the directory. A directory that is deleted, made again or
 * swapped behind a symbolic link is noticed within `pollMs` and watched anew; while there is no watch, because there is
 * no directory or the system refuses, every `pollMs` is a sign.
 */
export function watchDirectory(
  directory: string,
  onSign: () => void,
  pollMs: number,
  start: WatchStarter = startWatcher,
): DirectoryWatch {
  let watcher: FSWatcher | undefined;
  let watchedIdentity = '';
  let isClosed = false;

  const end = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const begin = (): void => {
    try {
      watcher = start(directory, onSign);
      watcher.once('error', end);
    } catch {
      // Too many watches, or a file system without them: the timer goes on looking.
      watcher = undefined;
    }
  };
  const renew = async (): Promise<void> => {
    const identity = await identityOf(directory);
    if (isClosed || (watcher !== undefined && identity === watchedIdentity)) return;
    end();
    if (identity !== '') begin();
    watchedIdentity = identity;
    onSign();
  };

  void renew();
  const timer = setInterval(() => void renew(), pollMs);
  return {
    close: () => {
      isClosed = true;
      clearInterval(timer);
      end();
    },
  };
}

function startWatcher(directory: string, onSign: () => void): FSWatcher {
  return watchFileSystem(directory, onSign);
}

/** Tells one directory from another that has taken its name; empty when there is none. */
async function identityOf(directory: string): Promise<string> {
  try {
    // The number of a deleted directory is soon given to another: the time of birth tells them apart.
    const { dev, ino, birthtimeMs } = await stat(directory);
    return `${dev}:${ino}:${birthtimeMs}`;
  } catch {
    return '';
  }
}

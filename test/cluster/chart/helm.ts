import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binaryPath, ensureBinaries } from '../binaries.ts';
import { cacheDirectory } from '../environment.ts';
import { checkout } from '../image.ts';
import { runCommand } from '../process/command.ts';

/** The folder of the chart. */
export const chartFolder = join(checkout, 'charts', 'mailers');

/** Namespace and release that the tests and the documents use. */
export const release = { name: 'mailers', namespace: 'mailers-system' } as const;

/**
 * Runs helm, which is built when it is not in the cache, and returns what it printed.
 * @param kubeconfig the cluster, for commands that need one.
 * @throws with helm's own words when it exits with an error.
 */
export async function helm(args: readonly string[], kubeconfig?: string): Promise<string> {
  await ensureBinaries(['helm']);
  const home = join(cacheDirectory(), 'helm');
  mkdirSync(home, { recursive: true });
  // Of its own, so that a person's repositories and plugins do not matter; without a cluster, none is to be found.
  const env = {
    HELM_CONFIG_HOME: home,
    HELM_CACHE_HOME: home,
    HELM_DATA_HOME: home,
    KUBECONFIG: kubeconfig ?? '/dev/null',
  };
  return await runCommand(binaryPath('helm'), args, { cwd: checkout, env });
}

/** The chart as YAML, rendered without a cluster. */
export async function renderChart(args: readonly string[] = []): Promise<string> {
  return await helm(['template', release.name, chartFolder, '--namespace', release.namespace, ...args]);
}

import { areBuilt, controlPlaneBinaries, kindBinaries, nodeBinaries } from './binaries.ts';
import { goSource } from './build/go-toolchain.ts';
import { isContinuousIntegration } from './environment.ts';
import { clusterKind, whatIsMissing, type MachineFacts, type Need } from './prerequisites.ts';
import { succeeds } from './process/command.ts';

/** Looks at this machine; changes nothing. */
export async function machineFacts(need: Need): Promise<MachineFacts> {
  const hasDockerEngine = await succeeds('docker', ['version', '--format', '{{.Server.Version}}']);
  return {
    hasDockerEngine,
    isRoot: process.getuid?.() === 0,
    isDebianLike: await succeeds('apt-get', ['--version']),
    hasOpenssl: await succeeds('openssl', ['version']),
    programs: await programsFor(need, hasDockerEngine),
  };
}

/**
 * For the top of a test file: the sentence with which its tests are to be skipped, or undefined when they can run.
 * @throws with that sentence in continuous integration, where nothing may be skipped.
 */
export async function reasonToSkip(need: Need): Promise<string | undefined> {
  const missing = whatIsMissing(need, await machineFacts(need));
  if (missing === undefined) return undefined;
  if (isContinuousIntegration()) throw new Error(missing);
  process.stderr.write(`Skipped: ${missing}\n`);
  return missing;
}

async function programsFor(need: Need, hasDockerEngine: boolean): Promise<MachineFacts['programs']> {
  const native = need === 'control-plane' ? [] : nodeBinaries;
  const usesKind = need === 'cluster' && clusterKind({ hasDockerEngine }) === 'kind';
  if (areBuilt(usesKind ? kindBinaries : [...controlPlaneBinaries, ...native])) return 'built';
  return (await goSource()) === 'none' ? 'out of reach' : 'buildable';
}

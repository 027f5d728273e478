import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from '../cluster/build/file-lock.ts';
import { controlPlaneBinaries, ensureBinaries } from '../cluster/binaries.ts';
import { borrowCluster, prepareCluster } from '../cluster/cluster.ts';
import { cacheDirectory, isContinuousIntegration } from '../cluster/environment.ts';
import { machineFacts } from '../cluster/machine-facts.ts';
import { whatIsMissing } from '../cluster/prerequisites.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * Builds what the tests need of Kubernetes, once per machine, so that no test waits for it within its time and none runs beside a compiler.
 */
export async function prepareKubernetes(): Promise<void> {
  if (whatIsMissing('control-plane', await machineFacts('control-plane'))) return;
  await ensureBinaries([...controlPlaneBinaries, 'helm', 'kubeconform', 'kustomize-controller'], say);
  if (whatIsMissing('cluster', await machineFacts('cluster')) === undefined) await prepareCluster(say);
}

/**
 * Runs with a cluster that is up for all of its tests. A machine that cannot have one says so in a sentence; its tests then count as
 * skipped, and in continuous integration as failed.
 */
export async function withCluster<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  const missing = whatIsMissing('cluster', await machineFacts('cluster'));
  if (missing) {
    say(isContinuousIntegration() ? missing : `Cluster tests are skipped: ${missing}`);
    return run();
  }
  // A machine has one cluster: of two runs at once the second would lose it when the first one gives it back.
  const directory = cacheDirectory();
  mkdirSync(directory, { recursive: true });
  return withFileLock(join(directory, 'cluster-tests.lock'), async () => {
    const { giveBack } = await borrowCluster(say);
    try {
      return await run();
    } finally {
      await giveBack();
    }
  });
}

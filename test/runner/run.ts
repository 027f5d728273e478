import { prepareDebianPrograms } from '../debian/debian-program.ts';
import { prepareKubernetes, withCluster } from './kubernetes.ts';
import { takeChaosFlags } from './chaos-flags.ts';
import { runStaticChecks } from './static-checks.ts';
import { add, closingLines, counted, failure, type Tally } from './tally.ts';
import { runVitest } from './vitest-run.ts';

/**
 * `node test/runner/run.ts all|unit|verify|chaos|cluster [vitest arguments]`: runs, counts, and ends with `N passed, N failed`. `chaos` takes
 * `--full` and `--seed N` besides.
 */
const MODES: Readonly<Record<string, (args: readonly string[]) => Promise<Tally>>> = {
  all: async (args) => {
    const beside = (project: string | readonly string[], ...own: string[]) =>
      runVitest([project].flat(), [...own, ...args], 'Beside');
    // They yield to the tests, so they may take as long as those.
    const checks = runStaticChecks();
    const unit = await beside('unit', '--coverage');
    const prepared = await counted('what the tests need', async () => {
      await prepareDebianPrograms((line) => process.stdout.write(`${line}\n`));
      await prepareKubernetes();
    });
    // Most of what these do is waiting: beside each other they take the time of the longest.
    const slow = await Promise.all([
      beside(['integration', 'e2e']),
      beside('control-plane').then(async (tally) => add(tally, await beside('chaos'))),
      counted('the cluster of the tests', () => withCluster(() => beside('cluster'))),
    ]);
    return [await checks, unit, prepared, ...slow].reduce(add);
  },
  unit: (args) => runVitest(['unit'], args),
  verify: () => runStaticChecks(),
  chaos: (args) => runVitest(['chaos'], takeChaosFlags(args, process.env)),
  cluster: (args) =>
    counted('the cluster of the tests', () =>
      withCluster(() => runVitest(['control-plane', 'cluster'], args)),
    ),
};

const [mode = 'all', ...args] = process.argv.slice(2);
const runMode = MODES[mode];
const tally = runMode
  ? await runMode(args)
  : failure(`unknown mode '${mode}'; there are ${Object.keys(MODES).join(', ')}`);
process.stdout.write(`\n${closingLines(tally)}\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;

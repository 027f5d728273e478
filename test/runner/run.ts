import { prepareKubernetes, withCluster } from './kubernetes.ts';
import { takeChaosFlags } from './chaos-flags.ts';
import { runStaticChecks } from './static-checks.ts';
import { add, closingLine, NOTHING, type Tally } from './tally.ts';
import { runVitest } from './vitest-run.ts';

/**
 * `node test/runner/run.ts all|unit|verify|chaos|cluster [vitest arguments]`: runs, counts, and ends with `N passed, N failed`. `chaos` takes
 * `--full` and `--seed N` besides.
 */
const MODES: Readonly<Record<string, (args: readonly string[]) => Promise<Tally>>> = {
  all: async (args) => {
    const checks = await runStaticChecks();
    const unit = await runVitest(['unit'], ['--coverage', ...args]);
    await prepareKubernetes();
    const rest = await runVitest(['integration', 'e2e'], args);
    const chaos = await runVitest(['chaos'], args);
    const cluster = await withCluster(() => runVitest(['cluster'], args));
    return [unit, rest, chaos, cluster].reduce(add, checks);
  },
  unit: (args) => runVitest(['unit'], args),
  verify: () => runStaticChecks(),
  chaos: (args) => runVitest(['chaos'], takeChaosFlags(args, process.env)),
  cluster: (args) => withCluster(() => runVitest(['cluster'], args)),
};

const [mode = 'all', ...args] = process.argv.slice(2);
const runMode = MODES[mode];
const tally = runMode ? await runMode(args) : { ...NOTHING, failed: 1 };
process.stdout.write(`\n${closingLine(tally)}\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;

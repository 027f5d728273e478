import { quietUnlessFailing } from './command.ts';
import { add, failure, NOTHING, type Tally } from './tally.ts';

interface StaticCheck {
  readonly sentence: string;
  readonly command: readonly [string, ...string[]];
}

/** Where what did not change since the last run is remembered. */
const TYPES_SEEN = 'node_modules/.cache/types.tsbuildinfo';

const CHECKS: readonly StaticCheck[] = [
  { sentence: 'types hold', command: ['tsc', '-p', '.', '--incremental', '--tsBuildInfoFile', TYPES_SEEN] },
  {
    sentence: 'lint rules hold: sizes, complexity, no any',
    command: ['oxlint', '--type-aware', '--deny-warnings', 'controller', 'test'],
  },
  { sentence: 'formatting holds', command: ['prettier', '--check', '--cache', '--log-level=warn', '.'] },
  {
    sentence: 'arrows between rooms hold',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'controller'],
  },
  { sentence: 'no dead files, exports or dependencies', command: ['knip'] },
  {
    sentence: 'generated files are what the sources say',
    command: ['node', 'controller/cli/generate/generate.ts', '--check'],
  },
];

/** Checks that need no test runner; each counts as one. */
export async function runStaticChecks(): Promise<Tally> {
  let tally = NOTHING;
  for (const { sentence, command } of CHECKS) {
    const [program, ...args] = command;
    const passed = (await quietUnlessFailing(program, args)) === 0;
    process.stdout.write(`${passed ? ' ✓' : ' ✗'} ${sentence}\n`);
    tally = add(tally, passed ? { ...NOTHING, passed: 1 } : failure(`check: ${sentence}`));
  }
  return tally;
}

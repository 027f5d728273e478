import { ensureRedisProgram, startRedisForRun } from './redis-server.mjs';

/** Runs node with the given arguments under the project's own Node; resolves with the exit code. */
/** @typedef {(argv: string[], options?: { env?: Record<string, string> }) => Promise<number>} Run */

const CLI = 'controller/cli/main.ts';

/** What `npm run NAME` does. Each resolves with the exit code. */
export const scripts = {
  /** @param {Run} run @param {string[]} args */
  async demo(run, args) {
    const redis = await startRedisForRun();
    try {
      return await run([CLI, 'demo', ...args], { env: { REDIS_URL: redis.url } });
    } finally {
      await redis.stop();
    }
  },
  /** @param {Run} run @param {string[]} args */
  mailers: (run, args) => run([new URL(`../../${CLI}`, import.meta.url).pathname, ...args]),
  /** @param {Run} run @param {string[]} args */
  async test(run, args) {
    ensureRedisProgram();
    return run(['test/runner/run.ts', 'all', ...args]);
  },
  /** @param {Run} run @param {string[]} args */
  'test:unit': (run, args) => run(['test/runner/run.ts', 'unit', ...args]),
  /** @param {Run} run @param {string[]} args */
  async 'test:chaos'(run, args) {
    ensureRedisProgram();
    return run(['test/runner/run.ts', 'chaos', ...args]);
  },
  /** @param {Run} run @param {string[]} args */
  'test:cluster': (run, args) => run(['test/runner/run.ts', 'cluster', ...args]),
  /** @param {Run} run @param {string[]} args */
  'cluster:up': (run, args) => run(['test/cluster/up.ts', ...args]),
  /** @param {Run} run @param {string[]} args */
  'cluster:down': (run, args) => run(['test/cluster/down.ts', ...args]),
  /** @param {Run} run @param {string[]} args */
  'bench:ledger': (run, args) => bench(run, 'ledger', args),
  /** @param {Run} run @param {string[]} args */
  'bench:sender': (run, args) => bench(run, 'sender', args),
  /** @param {Run} run @param {string[]} args */
  'bench:operator': (run, args) => bench(run, 'operator', args),
  /** @param {Run} run @param {string[]} args */
  verify: (run, args) => run(['test/runner/run.ts', 'verify', ...args]),
  /** @param {Run} run @param {string[]} args */
  generate: (run, args) => run(['controller/cli/generate/generate.ts', ...args]),
  /** @param {Run} run */
  format: (run) => run(['node_modules/prettier/bin/prettier.cjs', '--write', '.']),
};

/** @param {Run} run @param {string} name @param {string[]} args */
function bench(run, name, args) {
  ensureRedisProgram();
  return run([`test/bench/${name}.ts`, ...args]);
}

import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/runner/longest-first.ts';

const PODS = 'test/cluster/**/*.pods.test.ts';

interface Project {
  include: string[];
  exclude?: string[];
  /** For a test and for a hook. */
  timeoutMs: number;
  maxWorkers: number;
}

const project = (name: string, { timeoutMs, ...rest }: Project) => ({
  test: {
    name,
    exclude: [],
    ...rest,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: 'forks' as const,
    // No module has state of its own, and a file loads in tenths of a second what the one before it has loaded already.
    isolate: false,
  },
});

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', {
        include: ['test/unit/**/*.test.ts', 'test/contract/model.test.ts', 'test/invariants/**/*.test.ts'],
        timeoutMs: 10_000,
        maxWorkers: 2,
      }),
      project('integration', {
        include: ['test/integration/**/*.test.ts'],
        timeoutMs: 60_000,
        maxWorkers: 3,
      }),
      project('e2e', { include: ['test/e2e/**/*.test.ts'], timeoutMs: 120_000, maxWorkers: 3 }),
      // Each file brings up an API server of its own; those that need a node share one cluster.
      project('control-plane', {
        include: ['test/cluster/**/*.test.ts'],
        exclude: [PODS],
        timeoutMs: 600_000,
        maxWorkers: 2,
      }),
      project('cluster', { include: [PODS], timeoutMs: 600_000, maxWorkers: 1 }),
      project('chaos', { include: ['test/chaos/**/*.test.ts'], timeoutMs: 600_000, maxWorkers: 1 }),
    ],
    coverage: {
      provider: 'v8',
      include: ['controller/domain/**/*.ts'],
      exclude: ['controller/domain/ports/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { branches: 100 },
    },
  },
});

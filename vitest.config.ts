import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number, maxWorkers: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, maxWorkers, pool: 'forks' as const },
});

export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        ['test/unit/**/*.test.ts', 'test/contract/model.test.ts', 'test/invariants/**/*.test.ts'],
        10_000,
        2,
      ),
      project('integration', ['test/integration/**/*.test.ts'], 60_000, 2),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000, 2),
      project('cluster', ['test/cluster/**/*.test.ts'], 600_000, 1),
      project('chaos', ['test/chaos/**/*.test.ts'], 600_000, 1),
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

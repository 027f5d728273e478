import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { show, showLines } from './command.ts';
import type { Tally } from './tally.ts';

const resultSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
});

/**
 * Runs vitest projects and counts their tests. A run that broke without counting a failure counts as one failure itself. `Beside`: others
 * run at the same time.
 */
export async function runVitest(
  projects: readonly string[],
  args: readonly string[],
  place: 'Alone' | 'Beside' = 'Alone',
): Promise<Tally> {
  const directory = await mkdtemp(join(tmpdir(), 'mailers-vitest-'));
  const file = join(directory, 'result.json');
  try {
    const code = await (place === 'Alone' ? show : showLines)('vitest', [
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...args,
    ]);
    const result = resultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const hiddenFailure = code !== 0 && result.numFailedTests === 0 ? 1 : 0;
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + hiddenFailure,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch (error) {
    process.stderr.write(`vitest left no result: ${String(error)}\n`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

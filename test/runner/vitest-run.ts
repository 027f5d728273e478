import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { show, showLines } from './command.ts';
import { failure, type Tally } from './tally.ts';
import { readVitestResult } from './vitest-result.ts';

/** Runs vitest projects and counts their tests. `Beside`: others run at the same time. */
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
    return readVitestResult(await readFile(file, 'utf8'), code, process.cwd());
  } catch (error) {
    return failure(`vitest left no result for ${projects.join(', ')}: ${String(error)}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Tally } from './tally.ts';

/** Lines of a failure's message that are told again at the end. */
const MESSAGE_LINES = 12;

const fileSchema = z.object({
  name: z.string(),
  message: z.string().default(''),
  status: z.string(),
  assertionResults: z.array(
    z.object({
      fullName: z.string(),
      status: z.string(),
      failureMessages: z.array(z.string()).nullish(),
    }),
  ),
});
const resultSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(fileSchema),
});

/**
 * Counts what vitest's JSON reporter wrote. A run that broke without counting a failure (a file that does not load, coverage below its
 * threshold) counts as one failure itself.
 */
export function readVitestResult(json: string, exitCode: number, directory: string): Tally {
  const result = resultSchema.parse(JSON.parse(json));
  const failures = result.testResults.flatMap((file) => failuresOf(file, directory));
  const hidden = exitCode !== 0 && result.numFailedTests === 0;
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + (hidden ? 1 : 0),
    skipped: result.numPendingTests + result.numTodoTests,
    failures: hidden && failures.length === 0 ? [`vitest ended with ${exitCode}: see above`] : failures,
  };
}

function failuresOf(file: z.infer<typeof fileSchema>, directory: string): readonly string[] {
  const path = relative(directory, file.name);
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return file.status === 'failed' ? [`${path}${excerpt(file.message)}`] : [];
  return failed.map(
    ({ fullName, failureMessages }) => `${path}: ${fullName}${excerpt((failureMessages ?? []).join('\n'))}`,
  );
}

function excerpt(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines
    .slice(0, MESSAGE_LINES)
    .map((line) => `\n     ${line}`)
    .join('');
}

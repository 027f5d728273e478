/** What a run of checks and tests came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, each with its reason: told again at the end, where it is found without searching a long output. */
  readonly failures: readonly string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** One thing that failed, by its name. */
export function failure(name: string): Tally {
  return { ...NOTHING, failed: 1, failures: [name] };
}

/** What `run` counts; that it broke is one failure, and the rest of the tests goes on. */
export async function counted(name: string, run: () => Promise<Tally | void>): Promise<Tally> {
  try {
    return (await run()) ?? NOTHING;
  } catch (error) {
    return failure(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What ends every run: each failure again, and the line that counts. */
export function closingLines(tally: Tally): string {
  const counts = `${tally.passed} passed, ${tally.failed} failed`;
  const line = tally.skipped === 0 ? counts : `${counts}, ${tally.skipped} skipped`;
  return [
    ...tally.failures.map((name) => ` ✗ ${name}`),
    ...(tally.failures.length > 0 ? [''] : []),
    line,
  ].join('\n');
}

import { describe, expect, it } from 'vitest';
import { add, closingLines, failure, NOTHING } from '../../runner/tally.ts';
import { readVitestResult } from '../../runner/vitest-result.ts';

interface ResultFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly object[];
}

const passedTest = { fullName: 'the ledger holds', status: 'passed', failureMessages: [] };
const failedTest = {
  fullName: 'the ledger keeps a cap',
  status: 'failed',
  failureMessages: ['\u001b[31mAssertionError: expected 101 to be 100\u001b[39m\n    at cap.test.ts:3:1'],
};
const passedFile: ResultFile = {
  name: '/project/test/a.test.ts',
  status: 'passed',
  assertionResults: [passedTest],
};
const failedFile: ResultFile = {
  name: '/project/test/b.test.ts',
  status: 'failed',
  assertionResults: [passedTest, failedTest],
};

function read(exitCode: number, ...testResults: ResultFile[]) {
  const tests = testResults.flatMap((file) => file.assertionResults as { status: string }[]);
  const counted = (status: string) => tests.filter((test) => test.status === status).length;
  const counts = { numPassedTests: counted('passed'), numFailedTests: counted('failed') };
  const json = JSON.stringify({ ...counts, numPendingTests: 0, numTodoTests: 0, testResults });
  return readVitestResult(json, exitCode, '/project');
}

describe('the result of a vitest run', () => {
  it('counts what passed', () => {
    expect(read(0, passedFile)).toEqual({ ...NOTHING, passed: 1 });
  });

  it('names each failed test with its file and its reason, without colours', () => {
    expect(read(1, passedFile, failedFile)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 0,
      failures: [
        'test/b.test.ts: the ledger keeps a cap\n     AssertionError: expected 101 to be 100\n         at cap.test.ts:3:1',
      ],
    });
  });

  it('counts a file that does not load as a failure, and says why', () => {
    const broken = {
      name: '/project/test/c.test.ts',
      status: 'failed',
      message: 'no such module',
      assertionResults: [],
    };
    expect(read(1, passedFile, broken)).toEqual({
      ...NOTHING,
      passed: 1,
      failed: 1,
      failures: ['test/c.test.ts\n     no such module'],
    });
  });

  it('counts a run that ends badly with no failed test as a failure', () => {
    expect(read(1, passedFile)).toEqual({
      ...NOTHING,
      passed: 1,
      failed: 1,
      failures: ['vitest ended with 1: see above'],
    });
  });
});

describe('the end of a run', () => {
  it('is the line that counts', () => {
    expect(closingLines({ ...NOTHING, passed: 3 })).toBe('3 passed, 0 failed');
    expect(closingLines({ ...NOTHING, passed: 3, skipped: 2 })).toBe('3 passed, 0 failed, 2 skipped');
  });

  it('tells every failure again before that line', () => {
    const tally = [{ ...NOTHING, passed: 3 }, failure('check: types hold'), failure('b')].reduce(add);
    expect(closingLines(tally)).toBe(' ✗ check: types hold\n ✗ b\n\n3 passed, 2 failed');
  });
});

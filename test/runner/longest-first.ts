import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest for their size, which vitest goes by: begun last, one of them would run alone in the end. */
const LONG: readonly string[] = [
  'e2e/mailers-run',
  'sender/crash',
  'ledger/cluster.contract',
  'operator/kube/outages',
];

/** The order of vitest, but with the files that are known to take long first, on a machine that never ran them as well. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) =>
      LONG.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

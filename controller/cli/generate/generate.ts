import { parseArgs } from 'node:util';
import { readPolicy } from '../policy-file.ts';
import { chartReadme } from './chart-readme.ts';
import { differingFiles, writeFiles } from './generated-file.ts';
import { providerLimitsFile } from './provider-limits.ts';

/**
 * Writes everything that is made from the schemas, the policy and the chart's values; with `--check` it only lists the files that differ
 * and exits with 1 if there are any. `npm run generate [-- --check]`.
 */
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const root = new URL('../../../', import.meta.url);
const apply = values.check ? differingFiles : writeFiles;

const limits = await apply(root, [providerLimitsFile(await readPolicy())]);
// Only now: the Mailbox's rules are made of the limits, and a module is read once.
const { kindFiles } = await import('./kind-files.ts');
const others = await apply(root, [...(await kindFiles()), await chartReadme(root)]);

const changed = [...limits, ...others];
for (const path of changed) console.log(`${values.check ? 'differs' : 'wrote'}: ${path}`);
if (values.check && changed.length > 0) {
  console.log('Run `npm run generate` and commit what it writes.');
  process.exitCode = 1;
}

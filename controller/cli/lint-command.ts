import type { Command } from 'commander';
import { compile } from '../domain/compile/compile.ts';
import { loadManifests } from './manifests/load.ts';
import { formatManifestError } from './manifests/manifest-error.ts';
import { readPolicy } from './policy-file.ts';
import { problemLines } from './run/problem-lines.ts';

/** `mailers lint`: the checks of `mailers run`, without a ledger and without sending. */
export function addLintCommand(program: Command): void {
  program
    .command('lint')
    .description('Check manifests with the rules of the CRDs, and their references.')
    .requiredOption('-f, --filename <path...>', 'files or directories of YAML')
    .action(lint);
}

async function lint(options: { readonly filename: string[] }): Promise<void> {
  const manifests = await loadManifests(options.filename);
  const compilation = compile(manifests.resources, await readPolicy());
  const lines = [
    ...manifests.errors.map(formatManifestError),
    ...problemLines(compilation.problems, manifests),
  ];
  for (const line of lines) console.error(line);
  const errors =
    manifests.errors.length + compilation.problems.filter(({ severity }) => severity === 'Error').length;
  console.log(`${manifests.documents} documents, ${errors} errors`);
  process.exitCode = errors === 0 ? 0 : 1;
}

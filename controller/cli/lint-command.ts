import type { Command } from 'commander';
import type { AnyResource, ResourceSet } from '../api/resource.ts';
import { compile } from '../domain/compile/compile.ts';
import { secretsOf } from '../operator/references.ts';
import { loadManifests } from './manifests/load.ts';
import { formatManifestError } from './manifests/manifest-error.ts';
import { readPolicy } from './policy-file.ts';
import { problemLines } from './run/problem-lines.ts';

interface LintOptions {
  readonly filename: string[];
  readonly externalSecrets?: true;
}

/** `mailers lint`: the checks of `mailers run`, without a ledger and without sending. */
export function addLintCommand(program: Command): void {
  program
    .command('lint')
    .description('Check manifests with the rules of the CRDs, and their references.')
    .requiredOption('-f, --filename <path...>', 'files or directories of YAML')
    .option(
      '--external-secrets',
      'take Secrets that are not among the files to exist, as in a Git repository without them; they are listed',
    )
    .action(lint);
}

async function lint(options: LintOptions): Promise<void> {
  const manifests = await loadManifests(options.filename);
  const expected = options.externalSecrets ? missingSecrets(manifests.resources) : [];
  const secrets = [...manifests.resources.secrets, ...expected];
  const compilation = compile({ ...manifests.resources, secrets }, await readPolicy());
  const lines = [
    ...manifests.errors.map(formatManifestError),
    ...problemLines(compilation.problems, manifests),
  ];
  for (const line of lines) console.error(line);
  const errors =
    manifests.errors.length + compilation.problems.filter(({ severity }) => severity === 'Error').length;
  console.log(`${manifests.documents} documents, ${errors} errors`);
  if (expected.length > 0) {
    const names = expected.map(({ namespace, name }) => `${namespace}/${name}`);
    console.log(`Secrets that must be there: ${names.join(', ')}`);
  }
  process.exitCode = errors === 0 ? 0 : 1;
}

/** Secrets that the resources name and the files do not contain, by name; nothing is known of their keys. */
function missingSecrets(resources: ResourceSet): { namespace: string; name: string }[] {
  const present = new Set(resources.secrets.map(({ namespace, name }) => `${namespace}/${name}`));
  const { mailboxes, emailServiceProviders, sendingPools, campaigns } = resources;
  const referring: AnyResource[] = [...mailboxes, ...emailServiceProviders, ...sendingPools, ...campaigns];
  const missing = new Set(referring.flatMap(secretsOf).filter((key) => !present.has(key)));
  return [...missing].sort().map((key) => {
    const slash = key.indexOf('/');
    return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
  });
}

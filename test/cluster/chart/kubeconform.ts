import { binaryPath, ensureBinaries } from '../binaries.ts';
import { runCommand } from '../process/command.ts';
import { schemaLocation } from './json-schemas.ts';

/** What kubeconform says about one object. */
export type Verdict = { kind: string; name: string; status: string; msg: string };

/** Validates every object against the schemas that `writeJsonSchemas` wrote. A kind without a schema is an error, not a skip. */
export async function kubeconform(manifests: string, schemas: string): Promise<Verdict[]> {
  await ensureBinaries(['kubeconform']);
  const options = ['-strict', '-verbose', '-output', 'json', '-schema-location', schemaLocation(schemas)];
  // It ends with 1 when it finds something, and says what on its standard output.
  const tolerant = ['-c', '"$0" "$@" || test $? -eq 1', binaryPath('kubeconform'), ...options];
  const { resources } = JSON.parse(await runCommand('sh', tolerant, { input: manifests })) as {
    resources: Verdict[];
  };
  return resources;
}

/** The verdicts that are not "valid", as sentences. */
export function complaints(verdicts: readonly Verdict[]): string[] {
  return verdicts
    .filter(({ status }) => status !== 'statusValid' && status !== 'statusEmpty')
    .map(({ kind, name, status, msg }) => `${kind} ${name}: ${status} ${msg}`);
}

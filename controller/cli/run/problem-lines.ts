import type { Problem } from '../../domain/compile/problem.ts';
import type { LoadedManifests } from '../manifests/assembly.ts';
import { formatManifestError } from '../manifests/manifest-error.ts';

/** Problems of a compilation in the form of manifest errors: where the object stands, what is wrong, what to do. */
export function problemLines(problems: readonly Problem[], manifests: LoadedManifests): string[] {
  return problems.map((problem) => {
    const { kind, namespace, name } = problem.object;
    const origin = manifests.origins.get(`${kind}/${namespace}/${name}`);
    const line = formatManifestError({
      file: origin?.file ?? '',
      line: origin?.line ?? 0,
      object: `${kind}/${name}`,
      field: problem.field,
      message: problem.message,
    });
    return problem.severity === 'Warning' ? `${line} (warning)` : line;
  });
}

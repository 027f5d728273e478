/** One thing that is wrong in a manifest. */
export interface ManifestError {
  /** Path as it was given, e.g. `examples/quickstart/mailboxes.yaml`. */
  readonly file: string;
  /** Line of the offending field, from 1; 0 when the error is about the whole file. */
  readonly line: number;
  /** `Kind/name`; empty when the document does not say. */
  readonly object: string;
  /** E.g. `spec.quota.recipientsPerDay`; empty when the error is about the whole object. */
  readonly field: string;
  /** What is wrong and what is allowed. */
  readonly message: string;
}

/** `file:line: Kind/name: field: what is wrong, what is allowed`. */
export function formatManifestError(error: ManifestError): string {
  const place = error.line > 0 ? `${error.file}:${error.line}` : error.file;
  return [place, error.object, error.field, error.message].filter((part) => part !== '').join(': ');
}

/** Steps from the object's root to a field: property names and list positions. */
export type FieldPath = readonly (string | number)[];

/** Something wrong at a field, before it is known where the field is in a file. */
export interface FieldIssue {
  readonly path: FieldPath;
  readonly message: string;
}

/** The path as Kubernetes writes it: `spec.esps[0].name`, `metadata.labels[example.com/team]`. */
export function formatFieldPath(path: FieldPath): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${step}]`;
  }
  return text;
}

import { formatFieldPath, type FieldIssue, type FieldPath } from './manifest-error.ts';
import { checkObject, type CheckedObject, type ObjectName, type SchemaSource } from './object-check.ts';
import { parseYaml, type YamlDocument } from './yaml-document.ts';

/** An error within one document's text. */
export interface DocumentError {
  /** From 1, within the document's text. */
  readonly line: number;
  readonly object: string;
  readonly field: string;
  readonly message: string;
}

/** An object of a document and where it stands. */
export interface DocumentObject {
  readonly line: number;
  /** Empty, or the way to the item of a `List`. */
  readonly path: FieldPath;
  readonly checked: CheckedObject;
}

/** All that one document's text says; depends on nothing but the text. */
export interface CheckedDocument {
  readonly errors: readonly DocumentError[];
  readonly objects: readonly DocumentObject[];
}

/** Parses a document, takes `List`s apart and checks every object. */
export function checkDocument(text: string, schemas: SchemaSource): CheckedDocument {
  const document = parseYaml(text);
  const syntax = document.issues.map((issue) => ({
    line: issue.line,
    object: '',
    field: '',
    message: `is not valid YAML: ${issue.message}`,
  }));
  if (syntax.length > 0 || document.value === null) return { errors: syntax, objects: [] };
  const objects = objectsIn(document.value).map(({ value, path }) => ({
    line: document.lineOf([...path, 'metadata', 'name']),
    path,
    checked: checkObject(value, schemas),
  }));
  const errors = objects.flatMap(({ checked, path }) =>
    checked.verdict === 'Refused' ? locate(checked.issues, checked.object, path, document) : [],
  );
  return { errors, objects };
}

/** Where issues about an accepted object stand; parses the text again, since that is rare. */
export function locateIssues(
  issues: readonly FieldIssue[],
  text: string,
  { checked, path }: DocumentObject,
): DocumentError[] {
  return locate(issues, checked.object, path, parseYaml(text));
}

/** `Kind/name`; what is not known is left out or is a question mark. */
export function objectLabel({ kind, name }: ObjectName): string {
  return kind === '' ? '' : `${kind}/${name}`;
}

function locate(
  issues: readonly FieldIssue[],
  object: ObjectName,
  path: FieldPath,
  document: YamlDocument,
): DocumentError[] {
  return issues.map((issue) => ({
    line: document.lineOf([...path, ...issue.path]),
    object: objectLabel(object),
    field: formatFieldPath(issue.path),
    message: issue.message,
  }));
}

function objectsIn(value: unknown): { value: unknown; path: FieldPath }[] {
  const { apiVersion, kind, items } = (value ?? {}) as {
    apiVersion?: unknown;
    kind?: unknown;
    items?: unknown;
  };
  if (apiVersion !== 'v1' || kind !== 'List' || !Array.isArray(items)) return [{ value, path: [] }];
  return items.map((item: unknown, index) => ({ value: item, path: ['items', index] }));
}

import type { AnyResource, ResourceSet } from '../../api/resource.ts';
import { collect, objectKey, type Collection } from './collection.ts';
import { locateIssues, objectLabel, type DocumentError, type DocumentObject } from './document-check.ts';
import type { ManifestError } from './manifest-error.ts';
import type { SchemaSource } from './object-check.ts';

/** Where an object is declared. */
interface ManifestOrigin {
  readonly file: string;
  readonly line: number;
}

/** What a set of manifests says. Only objects without an error are in it. */
export interface LoadedManifests extends Collection {
  /** Every error of every file, in order; empty means that all may be used. */
  readonly errors: readonly ManifestError[];
  /** Documents and folders that were left aside. */
  readonly notices: readonly ManifestError[];
  /** Where each accepted object stands, by `Kind/namespace/name`. */
  readonly origins: ReadonlyMap<string, ManifestOrigin>;
  /** How many documents were read, valid or not. */
  readonly documents: number;
}

export interface LoadOptions {
  /** What was in force before: immutable fields are held against it, as the API server does on an update. */
  readonly previous?: ResourceSet;
}

/** An object with its place in a file. */
export interface PlacedObject extends DocumentObject {
  readonly file: string;
  /** Line of the file on which the document begins. */
  readonly firstLine: number;
  /** The document. */
  readonly text: string;
}

/** What one file holds. */
export interface FileDocuments {
  readonly documents: number;
  readonly errors: readonly ManifestError[];
  readonly objects: readonly PlacedObject[];
}

/** More errors than this of one file are counted, not listed. */
const MOST_ERRORS_PER_FILE = 100;

/** Puts the files together: what only shows when all are there is checked here, duplicates and changes. */
export function assemble(
  found: Pick<LoadedManifests, 'errors' | 'notices'>,
  files: readonly FileDocuments[],
  schemas: SchemaSource,
  { previous }: LoadOptions,
): LoadedManifests {
  const objects = files.flatMap((file) => file.objects);
  const { unique, repeated } = withoutRepeated(objects);
  const before = previous === undefined ? new Map<string, AnyResource>() : byKey(previous);
  const changes = unique.flatMap((object) => forbiddenChanges(object, schemas, before));
  const accepted = unique.filter(
    ({ checked }) => checked.verdict !== 'Refused' && checked.verdict !== 'Skipped',
  );
  return {
    ...collect(accepted.map(({ checked }) => checked)),
    errors: [...found.errors, ...inOrder([...files.flatMap((file) => file.errors), ...repeated, ...changes])],
    notices: [...found.notices, ...objects.flatMap(skipNotice)],
    origins: new Map(accepted.map((object) => [objectKey(object.checked.object), originOf(object)])),
    documents: files.reduce((sum, file) => sum + file.documents, 0),
  };
}

/** An error within a document, as an error of its file. */
export function placeError(error: DocumentError, file: string, firstLine: number): ManifestError {
  return { ...error, file, line: firstLine + error.line - 1 };
}

function withoutRepeated(objects: readonly PlacedObject[]): {
  unique: PlacedObject[];
  repeated: ManifestError[];
} {
  const first = new Map<string, PlacedObject>();
  const repeated: ManifestError[] = [];
  for (const object of objects) {
    const key = objectKey(object.checked.object);
    const earlier = first.get(key);
    if (earlier === undefined || !isNamed(object))
      first.set(isNamed(object) ? key : `${key}#${first.size}`, object);
    else if (object.checked.verdict !== 'Skipped') repeated.push(repetition(object, earlier));
  }
  return { unique: [...first.values()], repeated };
}

function isNamed({ checked }: PlacedObject): boolean {
  return checked.object.kind !== '' && checked.object.name !== '?';
}

function repetition(object: PlacedObject, earlier: PlacedObject): ManifestError {
  const { file, line } = originOf(earlier);
  const { namespace } = object.checked.object;
  return {
    ...originOf(object),
    object: objectLabel(object.checked.object),
    field: 'metadata.name',
    message: `is declared twice in namespace ${namespace}; the other one is at ${file}:${line}`,
  };
}

function forbiddenChanges(
  object: PlacedObject,
  schemas: SchemaSource,
  before: ReadonlyMap<string, AnyResource>,
): ManifestError[] {
  const { checked, text, file, firstLine } = object;
  const old = before.get(objectKey(checked.object));
  if (checked.verdict !== 'Resource' || old === undefined) return [];
  const { apiVersion, kind } = checked.resource;
  const issues = schemas(apiVersion, kind)?.rules.evaluate(checked.resource, old) ?? [];
  if (issues.length === 0) return [];
  return locateIssues(issues, text, object).map((error) => placeError(error, file, firstLine));
}

function byKey(set: ResourceSet): Map<string, AnyResource> {
  const { mailboxes, emailServiceProviders, sendingPools, suppressionLists, templates, campaigns } = set;
  const all: readonly AnyResource[] = [
    ...mailboxes,
    ...emailServiceProviders,
    ...sendingPools,
    ...suppressionLists,
    ...templates,
    ...campaigns,
  ];
  return new Map(all.map((resource) => [objectKey({ kind: resource.kind, ...resource.metadata }), resource]));
}

/** By file as they were found, then by line; the end of a long list is only counted. */
function inOrder(errors: readonly ManifestError[]): ManifestError[] {
  const byFile = Map.groupBy(errors, ({ file }) => file);
  return [...byFile].flatMap(([file, ofFile]) => {
    const sorted = ofFile.sort((a, b) => a.line - b.line);
    const rest = sorted.length - MOST_ERRORS_PER_FILE;
    if (rest <= 0) return sorted;
    const message = `${rest} more ${rest === 1 ? 'error' : 'errors'} in this file`;
    return [...sorted.slice(0, MOST_ERRORS_PER_FILE), { file, line: 0, object: '', field: '', message }];
  });
}

function skipNotice(object: PlacedObject): ManifestError[] {
  const { checked } = object;
  if (checked.verdict !== 'Skipped' || checked.notice === '') return [];
  return [{ ...originOf(object), object: objectLabel(checked.object), field: '', message: checked.notice }];
}

function originOf({ file, line, firstLine }: PlacedObject): ManifestOrigin {
  return { file, line: firstLine + line - 1 };
}

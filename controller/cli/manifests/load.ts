import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  assemble,
  placeError,
  type FileDocuments,
  type LoadedManifests,
  type LoadOptions,
  type PlacedObject,
} from './assembly.ts';
import { checkDocument, type CheckedDocument } from './document-check.ts';
import { splitDocuments } from './document-text.ts';
import type { ManifestError } from './manifest-error.ts';
import { findManifestFiles, readManifest } from './manifest-files.ts';
import type { SchemaSource } from './object-check.ts';
import { createObjectSchemas } from './object-schema.ts';

/** Loads again and again; a document whose text has not changed is not parsed again. */
export interface ManifestLoader {
  readonly load: (paths: string | readonly string[], options?: LoadOptions) => Promise<LoadedManifests>;
}

/** How long parsing may hold up everything else of the process. */
const LONGEST_TURN_MS = 20;

/**
 * Reads and checks manifests with the rules of the CRDs, without a cluster. Nothing is thrown for what is wrong in a
 * file: every error is in the result.
 */
export async function loadManifests(
  paths: string | readonly string[],
  options: LoadOptions = {},
): Promise<LoadedManifests> {
  return await createManifestLoader().load(paths, options);
}

/** A loader that remembers the documents of its last load. */
export function createManifestLoader(): ManifestLoader {
  const schemas = createObjectSchemas();
  let known = new Map<string, CheckedDocument>();
  return {
    load: async (paths, options = {}) => {
      const found = await findManifestFiles(typeof paths === 'string' ? [paths] : paths);
      const check = turnTaking(schemas, known);
      const read = [];
      for (const file of found.files) read.push(await readFileDocuments(file, check.document));
      known = check.seen;
      return assemble(found, read, schemas, options);
    },
  };
}

/** Checks documents, remembers them, and lets others run between them. */
function turnTaking(schemas: SchemaSource, known: ReadonlyMap<string, CheckedDocument>) {
  const seen = new Map<string, CheckedDocument>();
  let turnBegan = performance.now();
  const document = async (text: string): Promise<CheckedDocument> => {
    const checked = seen.get(text) ?? known.get(text) ?? checkDocument(text, schemas);
    seen.set(text, checked);
    if (performance.now() - turnBegan > LONGEST_TURN_MS) {
      await nextTurn();
      turnBegan = performance.now();
    }
    return checked;
  };
  return { seen, document };
}

async function readFileDocuments(
  file: string,
  check: (text: string) => Promise<CheckedDocument>,
): Promise<FileDocuments> {
  const content = await readManifest(file);
  if (typeof content !== 'string') return { documents: 0, errors: [content], objects: [] };
  const errors: ManifestError[] = [];
  const objects: PlacedObject[] = [];
  const documents = splitDocuments(content);
  for (const { text, firstLine } of documents) {
    const checked = await check(text);
    errors.push(...checked.errors.map((error) => placeError(error, file, firstLine)));
    for (const object of checked.objects) objects.push({ ...object, file, firstLine, text });
  }
  return { documents: documents.length, errors, objects };
}

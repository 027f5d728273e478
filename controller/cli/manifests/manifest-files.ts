import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { ManifestError } from './manifest-error.ts';

/** Files to read, and what could not be looked at. */
export interface ManifestFiles {
  readonly files: readonly string[];
  readonly errors: readonly ManifestError[];
  readonly notices: readonly ManifestError[];
}

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);
const KUSTOMIZATIONS = new Set(['kustomization.yaml', 'kustomization.yml']);

/** True for the names that are read from a directory; hidden files and kustomizations are not manifests. */
export function isManifestName(name: string): boolean {
  return !name.startsWith('.') && EXTENSIONS.has(extname(name)) && !KUSTOMIZATIONS.has(name);
}

/**
 * The manifests at some paths, in order of name. Like `kubectl apply -f`, a directory is read without its
 * subdirectories, and a file that is named itself is read whatever it is called.
 */
export async function findManifestFiles(paths: readonly string[]): Promise<ManifestFiles> {
  const found = await Promise.all(paths.map(filesAt));
  return {
    files: [...new Set(found.flatMap(({ files }) => files))],
    errors: found.flatMap(({ errors }) => errors),
    notices: found.flatMap(({ notices }) => notices),
  };
}

async function filesAt(path: string): Promise<ManifestFiles> {
  try {
    return (await stat(path)).isDirectory()
      ? await filesIn(path)
      : { files: [path], errors: [], notices: [] };
  } catch (error) {
    return { files: [], errors: [fileFinding(path, `cannot be read: ${reason(error)}`)], notices: [] };
  }
}

async function filesIn(directory: string): Promise<ManifestFiles> {
  const entries = (await readdir(directory, { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const files = entries
    .filter((entry) => !entry.isDirectory() && isManifestName(entry.name))
    .map((entry) => join(directory, entry.name));
  const nothing = 'has no *.yaml, *.yml or *.json file; subdirectories are not read';
  return {
    files,
    errors: files.length === 0 ? [fileFinding(directory, nothing)] : [],
    notices: folders.map((entry) =>
      fileFinding(join(directory, entry.name), 'is a subdirectory and not read; name it too if it is meant'),
    ),
  };
}

/** The text of a file. Other encodings than UTF-8 are refused: guessed letters would end in somebody's inbox. */
export async function readManifest(file: string): Promise<string | ManifestError> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (error) {
    const isEncoding = error instanceof TypeError;
    return fileFinding(file, isEncoding ? 'is not UTF-8 text' : `cannot be read: ${reason(error)}`);
  }
}

function fileFinding(file: string, message: string): ManifestError {
  return { file, line: 0, object: '', field: '', message };
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return 'there is no such file or directory';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A file that `npm run generate` makes. */
export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** Paths of the files that do not have the content that they should have. */
export async function differingFiles(root: URL, files: readonly GeneratedFile[]): Promise<string[]> {
  const contents = await Promise.all(files.map(({ path }) => contentOf(new URL(path, root))));
  return files.filter(({ content }, index) => content !== contents[index]).map(({ path }) => path);
}

/** Writes the files that differ and returns their paths. */
export async function writeFiles(root: URL, files: readonly GeneratedFile[]): Promise<string[]> {
  const paths = await differingFiles(root, files);
  for (const { path, content } of files.filter((file) => paths.includes(file.path))) {
    const url = new URL(path, root);
    await mkdir(dirname(url.pathname), { recursive: true });
    await writeFile(url, content);
  }
  return paths;
}

/** Undefined when there is no such file. */
async function contentOf(url: URL): Promise<string | undefined> {
  try {
    return await readFile(url, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

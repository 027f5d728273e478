import { readFile } from 'node:fs/promises';
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import type { GeneratedFile } from './generated-file.ts';
import { code, table } from './markdown.ts';

const README = 'charts/mailers/README.md';
const VALUES = 'charts/mailers/values.yaml';
const BEGIN = '<!-- values: written by `npm run generate` from values.yaml -->';
const END = '<!-- end of values -->';

/** The chart's README with the table of its values brought up to date. */
export async function chartReadme(root: URL): Promise<GeneratedFile> {
  const [readme, values] = await Promise.all(
    [README, VALUES].map((path) => readFile(new URL(path, root), 'utf8')),
  );
  return { path: README, content: withValues(readme ?? '', values ?? '') };
}

/**
 * Replaces what stands between the two markers by the table of all values.
 * @throws when the README has no markers, or a value has no comment that begins with `--`.
 */
export function withValues(readme: string, valuesYaml: string): string {
  const [before, rest] = splitAt(readme, BEGIN);
  const [, after] = splitAt(rest, END);
  const rows = valueRows(valuesYaml).map(({ path, value, meaning }) => [code(path), code(value), meaning]);
  return `${before}${BEGIN}\n\n${table(['value', 'default', 'meaning'], rows)}\n\n${END}${after}`;
}

/** One value of a chart as its users see it. */
export interface ValueRow {
  /** Dotted. */
  readonly path: string;
  /** The default as JSON; empty for an empty string, list or map. */
  readonly value: string;
  readonly meaning: string;
}

/** All values of a values.yaml in their order. A comment `# -- …` makes what it stands above one value, maps included. */
export function valueRows(valuesYaml: string): ValueRow[] {
  const { contents, errors } = parseDocument(valuesYaml);
  if (errors[0] !== undefined) throw errors[0];
  if (!isMap(contents)) throw new Error('values.yaml is not a map');
  return rowsOf(contents, '');
}

function rowsOf(map: YAMLMap, prefix: string): ValueRow[] {
  return map.items.flatMap((pair, index) => {
    const path = `${prefix}${keyOf(pair)}`;
    // The parser attaches a comment above a map's first key to the map itself.
    const comment = commentOf(pair) ?? (index === 0 ? map.commentBefore : undefined) ?? '';
    const meaning = meaningOf(comment);
    if (meaning !== undefined) return [{ path, value: defaultOf(pair), meaning }];
    if (isMap(pair.value)) return rowsOf(pair.value, `${path}.`);
    throw new Error(`values.yaml: ${path} needs a comment that begins with "# --"`);
  });
}

function keyOf({ key }: Pair): string {
  return String(isScalar(key) ? key.value : key);
}

function commentOf({ key }: Pair): string | undefined {
  return isScalar(key) ? (key.commentBefore ?? undefined) : undefined;
}

function meaningOf(comment: string): string | undefined {
  const lines = comment.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line) => line.startsWith('--'));
  return start < 0 ? undefined : lines.slice(start).join(' ').slice(2).trim();
}

function defaultOf({ value }: Pair): string {
  const plain = isScalar(value) ? value.value : ((value as YAMLMap | null)?.toJSON() as unknown);
  const isEmpty = plain === '' || (typeof plain === 'object' && Object.keys(plain ?? {}).length === 0);
  return isEmpty ? '' : JSON.stringify(plain);
}

function splitAt(text: string, marker: string): [string, string] {
  const at = text.indexOf(marker);
  if (at < 0) throw new Error(`${README}: the line ${marker} is missing`);
  return [text.slice(0, at), text.slice(at + marker.length)];
}

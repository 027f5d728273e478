import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type ScalarTag,
  type Tags,
} from 'yaml';
import type { FieldPath } from './manifest-error.ts';

/** A syntax error and its line within the document's text, from 1. */
interface SyntaxIssue {
  readonly line: number;
  readonly message: string;
}

/** A parsed document: plain data, and where each field of it stands. */
export interface YamlDocument {
  readonly value: unknown;
  readonly issues: readonly SyntaxIssue[];
  /** Line within the document's text, from 1, of a field or of the nearest parent that exists. */
  readonly lineOf: (path: FieldPath) => number;
}

/** Tags of YAML 1.1 that kubectl's parser has not: times of day stay text, dates stay text. */
const FOREIGN_TAGS = /:(timestamp|set|omap|pairs|binary)$/;

/** A number with an exponent begins with a digit for kubectl's parser; YAML 1.1 takes `e1`, a good name, for one. */
const EXPONENT = /^[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)[eE][-+]?[0-9]+$/;

/**
 * Parses one document with the meaning that kubectl gives it: YAML 1.1 (`yes`, `on` and `010` are not text), but no
 * base-60 numbers and no timestamps. A key that is there twice is an error, where kubectl would silently take the last.
 */
export function parseYaml(text: string): YamlDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    customTags: kubectlTags,
    lineCounter,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
  const issues = document.errors.map((error) => ({ line: lineAt(error.pos[0]), message: error.message }));
  const value = issues.length > 0 ? undefined : plainValue(document, issues);
  return { value, issues, lineOf: (path) => lineAt(offsetOf(document, path)) };
}

function kubectlTags(tags: Tags): Tags {
  return tags
    .filter((tag) => typeof tag === 'string' || (!FOREIGN_TAGS.test(tag.tag) && tag.format !== 'TIME'))
    .map((tag) => (isExponent(tag) ? { ...tag, test: EXPONENT } : tag));
}

function isExponent(tag: Tags[number]): tag is ScalarTag {
  return typeof tag === 'object' && tag.format === 'EXP';
}

/** Aliases may multiply: the parser refuses a document whose expansion explodes. */
function plainValue(document: Document, issues: SyntaxIssue[]): unknown {
  try {
    return document.toJS() as unknown;
  } catch (error) {
    issues.push({ line: 1, message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function offsetOf(document: Document.Parsed, path: FieldPath): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(step)] as Node | undefined;
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  const range = (node as Node | null | undefined)?.range;
  return range?.[0];
}

/** The text of one YAML document within a file. */
export interface DocumentText {
  readonly text: string;
  /** Line in the file on which the text begins, from 1. */
  readonly firstLine: number;
}

/**
 * Cuts a file at its `---` lines, so that each document is parsed by itself: a broken one does not hide the others,
 * and an edit costs only the documents that changed. YAML allows no other meaning of `---` at the start of a line.
 */
export function splitDocuments(file: string): DocumentText[] {
  const text = file.startsWith('\uFEFF') ? file.slice(1) : file;
  const documents: DocumentText[] = [];
  let start = 0;
  let line = 1;
  for (const mark of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    const before = text.slice(start, mark.index);
    if (isDirectives(before)) continue;
    documents.push({ text: before, firstLine: line });
    line += countLines(before);
    start = mark.index;
  }
  documents.push({ text: text.slice(start), firstLine: line });
  return documents.filter((document) => hasContent(document.text));
}

/** `%YAML 1.2` and the like belong to the document after the next `---`. */
function isDirectives(text: string): boolean {
  return /^%/m.test(text) && text.split(/\r?\n/).every((line) => /^(%.*|#.*|\s*)$/.test(line));
}

function hasContent(text: string): boolean {
  return text.split('\n').some((line) => !/^\s*(#.*|---\s*(#.*)?|\.\.\.)?\s*$/.test(line));
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

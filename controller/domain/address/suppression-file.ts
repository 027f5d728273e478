import { parseSuppressionEntry } from './suppression-entry.ts';

/** What a suppression file holds, ready for the suppression ledger. */
export interface SuppressionFile {
  /** Address keys, without repetition. */
  readonly addresses: readonly string[];
  /** Domains in lower case with A-labels, without repetition. */
  readonly domains: readonly string[];
  /** Number of entries that were understood. */
  readonly entries: number;
  readonly problems: readonly SuppressionLineProblem[];
}

interface SuppressionLineProblem {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly problem: string;
}

/** A whole cell in quotes, not a quoted local part, which goes on with an @. */
const QUOTED_CELL = /^"((?:[^"]|"")*)"\s*(?=[,;\t]|$)/;
/** Up to the first separator outside a quoted local part. */
const PLAIN_CELL = /^((?:"(?:[^"\\]|\\.)*")?[^,;\t]*).*$/s;
const HEADER = /^(?:e-?mail|(?:e-?mail[ _-]?)?address|recipient|domain)$/i;
/** Longest piece of a line that is repeated in a problem: an address is no longer. */
const MAX_SHOWN = 320;

/**
 * Reads one address or domain per line, or the first column of a CSV (comma, semicolon or tab). Empty lines, a header line, a byte
 * order mark and comments (`#` at the beginning or after a space) are skipped. A line that is neither is a problem; the others count.
 */
export function parseSuppressionFile(text: string): SuppressionFile {
  const addresses = new Set<string>();
  const domains = new Set<string>();
  const problems: SuppressionLineProblem[] = [];
  let entries = 0;
  let isFirst = true;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const cell = firstCell(line);
    const isHeader = isFirst && HEADER.test(cell);
    isFirst &&= cell === '';
    if (cell === '' || isHeader) continue;
    const entry = parseSuppressionEntry(cell);
    if ('problem' in entry) {
      problems.push({ line: index + 1, text: cell.slice(0, MAX_SHOWN), problem: entry.problem });
      continue;
    }
    entries += 1;
    if (entry.kind === 'Domain') domains.add(entry.domain);
    else for (const key of entry.keys) addresses.add(key);
  }
  return { addresses: [...addresses], domains: [...domains], entries, problems };
}

function firstCell(line: string): string {
  const trimmed = line.trim();
  const quoted = QUOTED_CELL.exec(trimmed)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"').trim();
  return trimmed
    .replace(PLAIN_CELL, '$1')
    .replace(/(?:^|(?<=\s))#.*$/, '')
    .trim();
}

import { isVariableName } from '../message/variable-name.ts';
import { AudienceUnreadable } from './audience-unreadable.ts';
import { foldColumnName, MAX_VARIABLES } from './source-row.ts';

/** Where a CSV's columns are. */
export interface CsvColumns {
  /** Number of columns; a row of another number is refused. */
  readonly width: number;
  readonly email: number;
  readonly names: readonly string[];
}

const DELIMITERS = [',', ';', '\t'] as const;
/** So many names are repeated when the address column is missing. */
const SHOWN_NAMES = 20;

/**
 * The character that separates the columns: of those that make a column of the address, or else of all, the one that makes most columns.
 * Comma when there is nothing to separate.
 */
export function detectDelimiter(headerLine: string, emailColumn: string): string {
  const plain = headerLine.replace(/"((?:[^"]|"")*)"/g, (_, text: string) => text.replace(/[,;\t]/g, ' '));
  const email = foldColumnName(emailColumn);
  let best = { delimiter: ',', hasEmail: false, width: 1 };
  for (const delimiter of DELIMITERS) {
    const names = plain.split(delimiter).map((name) => foldColumnName(name));
    const next = { delimiter, hasEmail: names.includes(email), width: names.length };
    const isWider = next.hasEmail === best.hasEmail && next.width > best.width;
    if (isWider || (next.hasEmail && !best.hasEmail)) best = next;
  }
  return best.delimiter;
}

/** Reads the header line. Throws AudienceUnreadable when the address column is missing or a name cannot be told apart. */
export function readHeader(cells: readonly string[], emailColumn: string): CsvColumns {
  const names = cells.map((cell) => cell.trim());
  const folded = names.map((name) => foldColumnName(name));
  const email = folded.indexOf(foldColumnName(emailColumn));
  if (email === -1) throw new AudienceUnreadable(missingColumn(names, emailColumn));
  if (folded.lastIndexOf(foldColumnName(emailColumn)) !== email)
    throw new AudienceUnreadable(`has the column ${emailColumn} twice; remove or rename one`);
  const variables = names.filter((name, index) => index !== email && isVariableName(name));
  const twice = variables.find((name, index) => variables.indexOf(name) !== index);
  if (twice !== undefined)
    throw new AudienceUnreadable(`has the column ${twice} twice; remove or rename one`);
  if (variables.length > MAX_VARIABLES)
    throw new AudienceUnreadable(
      `has ${variables.length} columns besides the address, at most ${MAX_VARIABLES} are allowed`,
    );
  return { width: names.length, email, names };
}

function missingColumn(names: readonly string[], emailColumn: string): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => JSON.stringify(name.slice(0, 64)));
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : '';
  const hint = names.some((name) => name.includes('@'))
    ? 'the first line must be a header'
    : 'set audience.emailColumn to the one that holds the address';
  return `has no column ${JSON.stringify(emailColumn)} but ${shown.join(', ')}${more}: ${hint}`;
}

import { AudienceUnreadable } from './audience-unreadable.ts';
import { foldColumnName, rowVariables, type SourceRow } from './source-row.ts';

/** The text of one JSON value, and the line on which it begins. */
export interface JsonText {
  readonly line: number;
  readonly text: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads rows from JSON objects. A value that is none is a problem of its row, except the first: when that is no object with an address,
 * the source is not what it was declared to be and AudienceUnreadable is thrown.
 */
export async function* jsonRows(
  values: AsyncIterable<JsonText>,
  emailColumn: string,
): AsyncGenerator<SourceRow, undefined> {
  let isFirst = true;
  for await (const { line, text } of values) {
    const row = parseObject(text);
    if (isFirst) requireAddress(row, emailColumn, line);
    isFirst = false;
    yield row ? objectRow(row, emailColumn, line) : { line, problem: 'is not a JSON object' };
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

function requireAddress(row: JsonObject | undefined, emailColumn: string, line: number): void {
  if (!row) throw new AudienceUnreadable(`has no JSON object in line ${line}, where the first row should be`);
  if (addressName(row, emailColumn) === undefined)
    throw new AudienceUnreadable(
      `has no property ${JSON.stringify(emailColumn)} in its first row: set audience.emailColumn to the one that holds the address`,
    );
}

function addressName(row: JsonObject, emailColumn: string): string | undefined {
  if (Object.hasOwn(row, emailColumn)) return emailColumn;
  const folded = foldColumnName(emailColumn);
  return Object.keys(row).find((name) => foldColumnName(name) === folded);
}

function objectRow(row: JsonObject, emailColumn: string, line: number): SourceRow {
  const email = addressName(row, emailColumn);
  const address = email === undefined ? undefined : row[email];
  if (typeof address !== 'string') return { line, problem: `has no text in property ${emailColumn}` };
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(row)) {
    if (name === email || value === null) continue;
    if (typeof value === 'object') return { line, problem: `has a list or object in property ${name}` };
    fields.push([name.trim(), typeof value === 'string' ? value : JSON.stringify(value)]);
  }
  const variables = rowVariables(fields);
  return 'problem' in variables
    ? { line, problem: variables.problem }
    : { line, address, variables: variables.variables };
}

import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { AudienceUnreadable } from './audience-unreadable.ts';
import { detectDelimiter, readHeader, type CsvColumns } from './csv-header.ts';
import { MAX_ROW_LENGTH, rowVariables, type SourceRow } from './source-row.ts';

interface CsvRecord {
  readonly record: readonly string[];
  /** `lines`: number of the record's last line. */
  readonly info: { readonly lines: number };
}

/**
 * Reads a CSV with a header line; comma, semicolon or tab as the header has it. Empty lines are skipped, a row of another width is a
 * problem of that row. Throws AudienceUnreadable for a source without the address column and for a quote that never ends.
 */
export async function* csvRows(
  text: AsyncIterable<string>,
  emailColumn: string,
): AsyncGenerator<SourceRow, undefined> {
  const lines = new LineCounter();
  let columns: CsvColumns | undefined;
  for await (const { record, info } of csvRecords(text, emailColumn)) {
    const line = lines.firstLine(record, info.lines);
    if (record.every((cell) => cell.trim() === '')) continue;
    if (columns) yield csvRow(record, columns, line);
    else columns = readHeader(record, emailColumn);
  }
  if (!columns) throw new AudienceUnreadable('is empty: a CSV begins with a header line');
}

function csvRow(record: readonly string[], columns: CsvColumns, line: number): SourceRow {
  if (record.length !== columns.width)
    return { line, problem: `has ${record.length} columns instead of ${columns.width}` };
  let address = '';
  const fields: [string, string][] = [];
  for (const [index, value] of record.entries())
    if (index === columns.email) address = value;
    else fields.push([String(columns.names[index]), value]);
  const variables = rowVariables(fields);
  return 'problem' in variables
    ? { line, problem: variables.problem }
    : { line, address, variables: variables.variables };
}

/** csv-parse counts a CRLF inside quotes as two lines. */
class LineCounter {
  #surplus = 0;

  firstLine(record: readonly string[], lastLine: number): number {
    let inside = 0;
    for (const cell of record)
      if (cell.includes('\n') || cell.includes('\r')) {
        inside += cell.split(/\r\n|\n|\r/).length - 1;
        this.#surplus += cell.split('\r\n').length - 1;
      }
    return lastLine - this.#surplus - inside;
  }
}

async function* csvRecords(
  text: AsyncIterable<string>,
  emailColumn: string,
): AsyncGenerator<CsvRecord, undefined> {
  const { head, rest } = await headerAndRest(text);
  const parser = parse({
    delimiter: detectDelimiter(head, emailColumn),
    info: true,
    max_record_size: MAX_ROW_LENGTH,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    // A quoted local part that is not quoted as a cell: "anna smith"@example.com
    relax_quotes: true,
    skip_empty_lines: true,
  });
  try {
    // An error of the source ends the parser, so that the loop below throws it.
    pipeline(Readable.from(rest), parser, () => undefined);
    for await (const record of parser) yield record as CsvRecord;
  } catch (error) {
    throw error instanceof CsvError ? new AudienceUnreadable(csvProblem(error), { cause: error }) : error;
  }
}

function csvProblem(error: CsvError): string {
  const hint = `look for a quote that is not closed in or above line ${String(error['lines'])}`;
  return error.code === 'CSV_QUOTE_NOT_CLOSED'
    ? `ends within a quoted cell: ${hint}`
    : `has a row longer than ${MAX_ROW_LENGTH} bytes: ${hint}`;
}

/** Reads on until the header line is complete; `rest` gives everything again from the beginning. */
async function headerAndRest(
  text: AsyncIterable<string>,
): Promise<{ readonly head: string; readonly rest: AsyncIterable<string> }> {
  const pieces = text[Symbol.asyncIterator]();
  let head = '';
  let isBegun = false;
  for (let isComplete = false; !isComplete && head.length < MAX_ROW_LENGTH;) {
    const { done, value = '' }: { done?: boolean | undefined; value?: string } = await pieces.next();
    const begin: number = isBegun ? 0 : value.search(/\S/);
    isBegun = begin !== -1;
    isComplete = done === true || (isBegun && /[\n\r]/.test(value.slice(begin)));
    head += value;
  }
  async function* rest(): AsyncGenerator<string, undefined> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  return {
    head: head
      .trimStart()
      .split(/[\n\r]/, 1)
      .join(''),
    rest: rest(),
  };
}

/** One column of a text table. */
export interface Column<Row> {
  readonly title: string;
  readonly align?: 'right';
  cell(row: Row): string;
}

/** Rows as aligned text lines, title line first. Trailing space is cut. */
export function columns<Row>(rows: readonly Row[], definition: readonly Column<Row>[]): string[] {
  const cells = rows.map((row) => definition.map((column) => column.cell(row)));
  const widths = definition.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => displayWidth(line[index] ?? ''))),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, definition[index]?.align))
      .join('  ')
      .trimEnd();
  return [line(definition.map((column) => column.title)), ...cells.map(line)];
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? fill + text : text + fill;
}

/** Characters as a terminal counts them: code points, not UTF-16 units. */
function displayWidth(text: string): number {
  return Array.from(text).length;
}

/** Where a live table is drawn. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * Redraws a block of lines in place on a terminal. Elsewhere (a pipe, a log) drawing prints nothing, so that the output stays
 * readable: `finish` prints the last block once.
 */
export class LiveView {
  readonly #terminal: Terminal;
  #drawnLines = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  draw(lines: readonly string[]): void {
    if (!this.#terminal.isTTY) return;
    const width = this.#terminal.columns || 120;
    const visible = lines.map((line) => Array.from(line).slice(0, width).join(''));
    this.#erase();
    this.#terminal.write(`${visible.join('\n')}\n`);
    this.#drawnLines = visible.length;
  }

  /** Prints above the block; the next `draw` puts the block below it. */
  note(line: string): void {
    this.#erase();
    this.#drawnLines = 0;
    this.#terminal.write(`${line}\n`);
  }

  finish(lines: readonly string[]): void {
    this.#erase();
    this.#drawnLines = 0;
    this.#terminal.write(`${lines.join('\n')}\n`);
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#terminal.write(`\u001B[${this.#drawnLines}A\u001B[J`);
  }
}

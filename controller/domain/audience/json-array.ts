import { AudienceUnreadable } from './audience-unreadable.ts';
import type { JsonText } from './json-rows.ts';
import { MAX_ROW_LENGTH } from './source-row.ts';

/** The elements of a JSON array, one at a time. Throws AudienceUnreadable when the text is not one whole array. */
export async function* jsonArrayElements(text: AsyncIterable<string>): AsyncGenerator<JsonText, undefined> {
  const splitter = new ArraySplitter();
  for await (const piece of text) yield* splitter.push(piece);
  splitter.end();
}

/** Finds where the elements of an array begin and end; whether they are JSON is the reader's business. */
class ArraySplitter {
  /** All that matters for finding the commas between elements. */
  readonly #tokens = /["\\,[\]{}\n]/g;
  #depth = 0;
  #isString = false;
  /** A backslash ended the last piece. */
  #isEscaped = false;
  #isComplete = false;
  #line = 1;
  /** Line of the border before the element. */
  #borderLine = 1;
  #elements = 0;
  #open = '';

  push(piece: string): JsonText[] {
    const found: JsonText[] = [];
    let start = 0;
    this.#tokens.lastIndex = this.#isEscaped ? 1 : 0;
    this.#isEscaped = false;
    for (let match = this.#tokens.exec(piece); match; match = this.#tokens.exec(piece)) {
      const [token] = match;
      if (token === '\n') this.#line += 1;
      else if (this.#isString) this.#inString(token, match.index, piece.length);
      else if (this.#isBorder(token)) {
        this.#keep(piece.slice(start, match.index));
        start = match.index + 1;
        found.push(...this.#cross(token));
      }
    }
    this.#keep(piece.slice(start));
    return found;
  }

  end(): void {
    if (!this.#isComplete) throw new AudienceUnreadable('is not a JSON array: it has no end');
    if (this.#open.trim() !== '')
      throw new AudienceUnreadable('is not a JSON array: something follows its end');
  }

  #inString(token: string, index: number, length: number): void {
    if (token === '"') this.#isString = false;
    if (token !== '\\') return;
    this.#isEscaped = index + 1 === length;
    this.#tokens.lastIndex = index + 2;
  }

  /** Takes note of a token outside strings; true when it separates elements or encloses them all. */
  #isBorder(token: string): boolean {
    if (this.#depth === 0) return true;
    if (token === '"') this.#isString = true;
    if (token === '[' || token === '{') this.#depth += 1;
    if ((token === ']' || token === '}') && this.#depth > 1) {
      this.#depth -= 1;
      return false;
    }
    return this.#depth === 1 && (token === ',' || token === ']');
  }

  #cross(token: string): JsonText[] {
    const text = this.#open;
    const line =
      this.#borderLine + text.slice(0, text.length - text.trimStart().length).split('\n').length - 1;
    this.#open = '';
    this.#borderLine = this.#line;
    if (this.#depth === 0) {
      this.#begin(token, text);
      return [];
    }
    if (token === ']') {
      this.#depth = 0;
      this.#isComplete = true;
      if (this.#elements === 0 && text.trim() === '') return [];
    }
    this.#elements += 1;
    return [{ line, text }];
  }

  #begin(token: string, before: string): void {
    if (this.#isComplete || token !== '[' || before.trim() !== '')
      throw new AudienceUnreadable(`is not a JSON array: "[" expected in line ${this.#line}`);
    this.#depth = 1;
  }

  #keep(text: string): void {
    this.#open += text;
    if (this.#open.length > MAX_ROW_LENGTH)
      throw new AudienceUnreadable(
        `has an element of more than ${MAX_ROW_LENGTH} characters: it begins in line ${this.#borderLine}`,
      );
  }
}

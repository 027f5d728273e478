import { AudienceUnreadable } from './audience-unreadable.ts';
import type { JsonText } from './json-rows.ts';
import { MAX_ROW_LENGTH } from './source-row.ts';

/** The lines that are not empty. Throws AudienceUnreadable for a line of more than {@link MAX_ROW_LENGTH} characters. */
export async function* textLines(pieces: AsyncIterable<string>): AsyncGenerator<JsonText, undefined> {
  let line = 1;
  let open = '';
  for await (const piece of pieces) {
    const lines = (open + piece).split('\n');
    const complete = lines.splice(0, lines.length - 1);
    open = lines.join('');
    for (const text of complete) {
      if (text.trim() !== '') yield { line, text };
      line += 1;
    }
    if (open.length > MAX_ROW_LENGTH)
      throw new AudienceUnreadable(`has a line of more than ${MAX_ROW_LENGTH} characters: line ${line}`);
  }
  if (open.trim() !== '') yield { line, text: open };
}

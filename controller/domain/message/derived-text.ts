import { compile } from 'html-to-text';

export type TextConverter = (html: string) => string;

/** Makes plain text of an HTML body: no line wrapping, links with their target, no images. */
export function textConverter(): TextConverter {
  return compile({
    wordwrap: false,
    selectors: [
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
      { selector: 'img', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
    limits: { maxDepth: 200 },
  });
}

const LIQUID = /\{\{.*?\}\}|\{%.*?%\}/gs;
const MARK = /\uE000(\d+)\uE001/g;
/** What makes HTML of values, or keeps braces from being Liquid: the text then depends on the rendered HTML. */
const NEEDS_HTML =
  /\|\s*(?:raw|newline_to_br|strip_html|escape|escape_once|xml_escape)\b|\{%-?\s*(?:raw|comment|#)|[\uE000\uE001]/;

/**
 * The text template that belongs to an HTML template: converted once, with its Liquid put aside, instead of converting every rendered
 * message (0.3 ms each, three times the cost of rendering). Undefined when that could change the meaning; the rendered HTML must then
 * be converted.
 */
export function deriveText(html: string, toText: TextConverter): string | undefined {
  if (NEEDS_HTML.test(html)) return undefined;
  const pieces: string[] = [];
  const marked = html.replace(LIQUID, (piece) => `\uE000${pieces.push(piece) - 1}\uE001`);
  const text = toText(marked);
  const found = [...text.matchAll(MARK)].map((match) => String(pieces[Number(match[1])]));
  // Tags may have been inside what text does not show; then conditions and loops would no longer match. Braces may have been entities.
  const isSame = tagsOf(found) === tagsOf(pieces) && !/\{[{%]/.test(text);
  return isSame ? text.replace(MARK, (_, index: string) => String(pieces[Number(index)])) : undefined;
}

function tagsOf(pieces: readonly string[]): string {
  return pieces.filter((piece) => piece.startsWith('{%')).join('\n');
}

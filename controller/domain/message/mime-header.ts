import { encodeWord, foldLines, quoteString } from 'nodemailer/lib/mime-funcs';

/** Longest encoded word: at most 75 characters, on a line of at most 76 (RFC 2047 §2), behind `Subject: `. */
const MAX_ENCODED_WORD = 66;
/** RFC 5322 §2.1.1, without CRLF. */
const MAX_LINE = 998;

/**
 * Any text on one line: control characters and line ends of all kinds become a space, so that no value can begin another header.
 */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** Unstructured text (RFC 2047): as it is when it is ASCII, folds, and cannot be mistaken for an encoded word. */
export function headerText(text: string): string {
  const line = oneLine(text);
  const isPlain = /^[\x20-\x7e]*$/.test(line) && !line.includes('=?') && !/\S{70}/.test(line);
  return isPlain ? line : encodeWord(line, 'Q', MAX_ENCODED_WORD);
}

/** `"Anna Smith" <anna@example.com>`, or the address alone when there is no name. */
export function headerMailbox(name: string, address: string): string {
  const line = oneLine(name);
  if (line === '') return address;
  const phrase = headerText(line);
  return `${phrase === line ? quoteString(line) : phrase} <${address}>`;
}

/** A header field, folded at spaces to 76 characters. What is not printable ASCII becomes a space: the value is encoded already. */
export function headerField(name: string, value: string): string {
  return foldLines(`${name}: ${printable(value)}`, 76);
}

/** A header field on one line: some servers fold URLs anew and break their DKIM signature. Undefined when the line would be too long. */
export function unfoldedField(name: string, value: string): string | undefined {
  const line = `${name}: ${printable(value)}`;
  return line.length > MAX_LINE ? undefined : line;
}

function printable(value: string): string {
  return value.replace(/[^\x20-\x7e]+/g, ' ');
}

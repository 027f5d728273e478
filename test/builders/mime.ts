/** A part of a message as a mail program shows it. */
export interface MimePart {
  /** Field values by lower-case name, unfolded and decoded; several fields of one name in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

export interface MimeMessage extends MimePart {
  readonly parts: readonly MimePart[];
}

/** Reads a message strictly: CRLF only, ASCII only, lines of at most 998 characters. Throws for anything else. */
export function parseMime(raw: Buffer): MimeMessage {
  const text = raw.toString('latin1');
  if (/[^\x20-\x7e\r\n\t]/.test(text)) throw new Error('not ASCII');
  for (const line of text.split('\r\n')) {
    if (/[\r\n]/.test(line)) throw new Error(`bare CR or LF in ${JSON.stringify(line)}`);
    if (line.length > 998) throw new Error('line of more than 998 characters');
  }
  const { fields, body } = parsePart(text);
  const boundary = /boundary="([^"]+)"/.exec(one(fields, 'content-type'))?.[1];
  if (boundary === undefined) return { fields, body: decodeBody(fields, body), parts: [] };
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
  if (parts.pop() !== '--\r\n') throw new Error('the last boundary is missing');
  return {
    fields,
    body,
    parts: parts.map((part) => {
      const parsed = parsePart(part.slice(2));
      return { fields: parsed.fields, body: decodeBody(parsed.fields, parsed.body) };
    }),
  };
}

/** The only value of a field; throws when it is missing or there are several. */
export function one(fields: MimePart['fields'], name: string): string {
  const [value, ...others] = fields.get(name) ?? [];
  if (value === undefined || others.length > 0) throw new Error(`${name}: ${others.length + 1} or no fields`);
  return value;
}

function parsePart(text: string): MimePart {
  const end = text.indexOf('\r\n\r\n');
  const fields = new Map<string, string[]>();
  for (const line of text
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n')) {
    const match = /^([!-9;-~]+): (.*)$/.exec(line);
    if (match?.[1] === undefined || match[2] === undefined) throw new Error(`no header field: ${line}`);
    const name = match[1].toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), decodeWords(match[2])]);
  }
  return { fields, body: text.slice(end + 4) };
}

function decodeWords(value: string): string {
  return value
    .replace(/(=\?UTF-8\?Q\?[^?\s]*\?=)\s+(?==\?UTF-8\?Q\?)/g, '$1')
    .replace(/=\?UTF-8\?Q\?([^?\s]*)\?=/g, (word: string, text: string) => {
      if (word.length > 75) throw new Error(`encoded word of ${word.length} characters`);
      return fromQuotedPrintable(text.replaceAll('_', ' '));
    });
}

function decodeBody(fields: MimePart['fields'], body: string): string {
  if (one(fields, 'content-transfer-encoding') !== 'quoted-printable')
    throw new Error('not quoted-printable');
  if (body.split('\r\n').some((line) => line.length > 76)) throw new Error('line of more than 76 characters');
  if (/[ \t]\r\n/.test(body)) throw new Error('space at the end of a line');
  return fromQuotedPrintable(body.replace(/=\r\n/g, '').replace(/\r\n$/, ''));
}

function fromQuotedPrintable(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
}

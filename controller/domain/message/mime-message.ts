import { hash } from 'node:crypto';
import { encode, wrap } from 'nodemailer/lib/qp';

/** What goes into a message. Header fields are finished lines without their CRLF. */
export interface MimeParts {
  readonly fields: readonly string[];
  readonly text: string;
  readonly html: string | undefined;
  /** Names the message: the same name gives the same bytes. */
  readonly name: string;
}

/**
 * Puts a message together: UTF-8 in quoted-printable, text before HTML (RFC 2046 §5.1.4). nodemailer's own MailComposer gives the same but
 * through streams and timers, part by part, at 0.9 ms of CPU per message; its encoders alone take 0.05 ms.
 */
export function mimeMessage(parts: MimeParts): Buffer {
  const fields = [...parts.fields, 'MIME-Version: 1.0'];
  const text = bodyPart('plain', parts.text);
  if (parts.html === undefined) return Buffer.from([...fields, text].join('\r\n'), 'latin1');
  // Quoted-printable never has "_" after "=": the boundary cannot occur in a part.
  const boundary = `=_${hash('sha256', parts.name, 'hex').slice(0, 32)}`;
  const message = [
    ...fields,
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`,
    '',
    `--${boundary}`,
    text,
    `--${boundary}`,
    bodyPart('html', parts.html),
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(message.join('\r\n'), 'latin1');
}

function bodyPart(subtype: 'plain' | 'html', body: string): string {
  const encoded = wrap(encode(body.replace(/\r\n|\r|\n/g, '\r\n')));
  return `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded}\r\n`;
}

import type { SmtpCommand } from '../../../api/attempt.ts';
import type { Reply } from '../../../domain/ports/route.ts';

/** What nodemailer's errors carry. Its `code` is a guess; the reply itself is the truth. */
interface SmtpClientError extends Error {
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: unknown;
  readonly responseCode?: number | undefined;
}

type FailedReply = Exclude<Reply, { kind: 'Accepted' }>;

/** Splits `550-5.4.5 first\\n550 5.4.5 second` into code, enhanced code and one line of text (RFC 5321 §4.2, RFC 2034). */
export function parseReply(response: string): { code: number; enhancedCode: string; text: string } {
  const lines = response.split(/\r?\n/).filter((line) => line !== '');
  const code = Number(/^\d{3}/.exec(response)?.[0] ?? 0);
  const bodies = lines.map((line) => line.replace(/^\d{3}[ -]?/, ''));
  const enhancedCode = /^([245]\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(bodies[0] ?? '')?.[1] ?? '';
  const text = bodies
    .map((body) =>
      (enhancedCode !== '' && body.startsWith(enhancedCode) ? body.slice(enhancedCode.length) : body).trim(),
    )
    .join(' ')
    .trim();
  return { code, enhancedCode, text };
}

/** The answer to connecting or logging in. */
export function replyOfConnectError(error: SmtpClientError, stage: 'CONN' | 'AUTH'): FailedReply {
  const command = stage === 'AUTH' ? 'AUTH' : commandOf(error, 'CONN');
  return failedReply(error, command, false);
}

/** The answer to a message. `isDataWritten`: the message itself went to the socket, so silence may hide an acceptance. */
export function replyOfSendError(error: SmtpClientError, isDataWritten: boolean): FailedReply {
  return failedReply(error, commandOf(error, isDataWritten ? 'DOT' : 'MAIL'), isDataWritten);
}

function failedReply(error: SmtpClientError, command: SmtpCommand, mayBeAccepted: boolean): FailedReply {
  const { code, enhancedCode, text } = parseReply(typeof error.response === 'string' ? error.response : '');
  if (code >= 400) return { kind: 'Refused', command, code, enhancedCode, text };
  return {
    kind: 'NoReply',
    command,
    clientError: error.code ?? 'ECONNECTION',
    text: error.message,
    mayBeAccepted,
  };
}

/** nodemailer names MAIL FROM, RCPT TO, DATA (also for the end of DATA), CONN and others. */
function commandOf(error: SmtpClientError, fallback: SmtpCommand): SmtpCommand {
  const command = error.command ?? '';
  if (command.startsWith('MAIL')) return 'MAIL';
  if (command.startsWith('RCPT')) return 'RCPT';
  if (command === 'DATA') return error.code === 'EMESSAGE' ? 'DOT' : 'DATA';
  if (command.startsWith('AUTH')) return 'AUTH';
  if (command === 'EHLO' || command === 'HELO') return 'EHLO';
  if (command === 'STARTTLS') return 'STARTTLS';
  return fallback;
}

import type { Personality, Refusals } from './personality.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';

/** What the SMTP library is about to say, and to which command. */
export interface LibraryReply {
  /** Upper-case command name; `DOT` for the end of DATA. */
  readonly command: string;
  readonly code: number;
  readonly text: string;
  readonly isSecure: boolean;
}

/**
 * Says a standard reply of the SMTP library in the personality's words.
 * `undefined` leaves it as it is (greeting, EHLO, AUTH challenges).
 */
export function wordReply(said: LibraryReply, personality: Personality): Reply | undefined {
  return said.code >= 400 ? wordRefusal(said, personality) : wordConsent(said, personality);
}

function wordConsent({ command, code }: LibraryReply, { consents }: Personality): Reply | undefined {
  if (code === 334) return undefined;
  switch (command) {
    case 'STARTTLS':
      return consents.startTls;
    case 'AUTH':
      return consents.login;
    case 'MAIL':
      return consents.mail;
    case 'RCPT':
      return consents.rcpt;
    case 'DATA':
      return consents.data;
    case 'RSET':
      return consents.reset;
    case 'QUIT':
      return consents.quit;
    case 'NOOP':
      return consents.noop;
    default:
      return undefined;
  }
}

function wordRefusal({ command, code, text, isSecure }: LibraryReply, { refusals }: Personality): Reply {
  switch (code) {
    case 500:
      return refusals.unknownCommand;
    case 501:
      return badSyntax(command, refusals);
    case 503:
      return refusals.badSequence;
    case 504:
      return refusals.unknownAuthMechanism;
    // 538 is the library's word for AUTH before TLS, 530 for mail before AUTH.
    case 530:
    case 538:
      return isSecure ? refusals.loginRequired : refusals.startTlsFirst;
    case 535:
      return refusals.badCredentials;
    case 552:
      return refusals.messageTooBig;
    default:
      return reply(code, code < 500 ? '4.3.0' : '5.3.0', text);
  }
}

function badSyntax(command: string, refusals: Refusals): Reply {
  if (command === 'MAIL') return refusals.badSenderSyntax;
  return command === 'RCPT' ? refusals.badRecipientSyntax : refusals.badSyntax;
}

import type { Consents, Personality, Refusals } from './personality.ts';
import type { Reply } from './reply.ts';
import { reply } from './reply.ts';

/** Google ends its replies with a session id and `- gsmtp`. */
const TAIL = 'sandbox - gsmtp';

function google(code: number, enhanced: string, ...texts: readonly string[]): Reply {
  return reply(code, enhanced, ...texts.slice(0, -1), `${texts.at(-1) ?? ''} ${TAIL}`);
}

/**
 * Code, enhanced code and text of Google's table of SMTP errors (support.google.com/a/answer/3726730), line breaks as
 * smtp.gmail.com puts them. The wording matters: senders decide by it.
 */
const refusals: Refusals = {
  startTlsFirst: google(530, '5.7.0', 'Must issue a STARTTLS command first.'),
  loginRequired: google(
    530,
    '5.7.0',
    'Authentication Required. For more information, go to',
    ' https://support.google.com/accounts/troubleshooter/2402620.',
  ),
  badCredentials: google(
    535,
    '5.7.8',
    'Username and Password not accepted. For more information, go to',
    ' https://support.google.com/mail/?p=BadCredentials',
  ),
  tooManyLogins: google(
    454,
    '4.7.0',
    'Too many login attempts, please try again later. For more',
    'information, go to',
    ' https://support.google.com/mail/answer/7126229',
  ),
  foreignSender: google(550, '5.7.0', 'Mail relay denied: the account may not send as this address.'),
  recipientLimit: google(
    550,
    '5.4.5',
    'Daily user sending limit exceeded. For more information on Gmail',
    'sending limits go to',
    ' https://support.google.com/a/answer/166852',
  ),
  messageRate: google(
    421,
    '4.7.28',
    'Gmail has detected an unusual rate of mail originating from your',
    'account. To protect our users from spam, mail sent from your account has',
    'been temporarily rate limited. For more information, go to',
    ' https://support.google.com/mail/?p=UnsolicitedRateLimitError',
  ),
  tooManyRecipients: google(
    452,
    '4.5.3',
    'Your message has too many recipients. For more information',
    'on sending limits, go to',
    ' https://support.google.com/a/answer/166852',
  ),
  messageTooBig: google(
    552,
    '5.3.4',
    "Your message exceeded Google's message size limits. For more information, go to",
    ' https://support.google.com/mail/?p=MaxSizeError',
  ),
  unknownRecipient: google(
    550,
    '5.1.1',
    'The email account that you tried to reach does not exist. Please try',
    "double-checking the recipient's email address for typos or",
    'unnecessary spaces. For more information, go to',
    ' https://support.google.com/mail/?p=NoSuchUser',
  ),
  fullRecipient: google(
    452,
    '4.2.2',
    "The recipient's inbox is out of storage space. Please direct the",
    'recipient to',
    ' https://support.google.com/mail/?p=OverQuotaTemp',
  ),
  greylisted: google(
    451,
    '4.3.0',
    'Mail server temporarily rejected message. For more information, go to',
    ' https://support.google.com/a/answer/3221692',
  ),
  badSenderSyntax: google(553, '5.1.7', 'The sender address is not a valid RFC 5321 address.'),
  badRecipientSyntax: google(553, '5.1.3', 'The recipient address is not a valid RFC 5321 address.'),
  badSequence: google(503, '5.5.1', 'Bad sequence of commands.'),
  badSyntax: google(501, '5.5.2', 'Syntax error, cannot decode response.'),
  unknownCommand: google(502, '5.5.1', 'Unrecognized command.'),
  unknownAuthMechanism: google(504, '5.7.4', 'Unrecognized Authentication Type.'),
};

const consents: Consents = {
  startTls: reply(220, '2.0.0', 'Ready to start TLS'),
  login: reply(235, '2.7.0', 'Accepted'),
  mail: google(250, '2.1.0', 'OK'),
  rcpt: google(250, '2.1.5', 'OK'),
  data: google(354, '', 'Go ahead'),
  reset: google(250, '2.1.5', 'Flushed'),
  quit: google(221, '2.0.0', 'closing connection'),
  noop: google(250, '2.0.0', 'OK'),
  accepted: (queueId) => reply(250, '2.0.0', `OK ${queueId} - gsmtp`),
};

/** Google's submission service, smtp.gmail.com. */
export const googlePersonality: Personality = {
  service: 'Submission',
  hostName: 'smtp.gmail.com',
  banner: TAIL,
  authMethods: ['LOGIN', 'PLAIN', 'XOAUTH2'],
  refusals,
  consents,
};

import type { Consents, Personality, Refusals } from './personality.ts';
import { reply } from './reply.ts';

/** Wording as ESP relays use it; the throttling texts are those of Amazon SES. */
const refusals: Refusals = {
  startTlsFirst: reply(530, '5.7.0', 'Must issue a STARTTLS command first'),
  loginRequired: reply(530, '5.7.1', 'Authentication required'),
  badCredentials: reply(535, '', 'Authentication Credentials Invalid'),
  tooManyLogins: reply(454, '4.7.0', 'Temporary authentication failure: too many login attempts'),
  foreignSender: reply(550, '5.7.1', 'Mail relay denied: sender not allowed'),
  recipientLimit: reply(454, '', 'Throttling failure: Daily message quota exceeded.'),
  messageRate: reply(454, '', 'Throttling failure: Maximum sending rate exceeded.'),
  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients'),
  messageTooBig: reply(552, '5.3.4', 'Message too large'),
  unknownRecipient: reply(550, '5.1.1', 'User unknown'),
  fullRecipient: reply(452, '4.2.2', 'Mailbox full'),
  greylisted: reply(451, '4.7.1', 'Greylisted, please try again later'),
  badSenderSyntax: reply(501, '5.1.7', 'Bad sender address syntax'),
  badRecipientSyntax: reply(501, '5.1.3', 'Bad recipient address syntax'),
  badSequence: reply(503, '5.5.1', 'Bad sequence of commands'),
  badSyntax: reply(501, '5.5.4', 'Syntax error in parameters'),
  unknownCommand: reply(500, '5.5.2', 'Command unrecognized'),
  unknownAuthMechanism: reply(504, '5.7.4', 'Unrecognized authentication type'),
};

const consents: Consents = {
  startTls: reply(220, '', 'Ready to start TLS'),
  login: reply(235, '', 'Authentication successful.'),
  mail: reply(250, '', 'Ok'),
  rcpt: reply(250, '', 'Ok'),
  data: reply(354, '', 'End data with <CR><LF>.<CR><LF>'),
  reset: reply(250, '', 'Ok'),
  quit: reply(221, '', 'Bye'),
  noop: reply(250, '', 'Ok'),
  accepted: (queueId) => reply(250, '', `Ok ${queueId}`),
};

/** The SMTP relay of an e-mail service provider. */
export const relayPersonality: Personality = {
  service: 'Relay',
  hostName: 'smtp.relay.sandbox',
  banner: 'relay ready',
  authMethods: ['PLAIN', 'LOGIN'],
  refusals,
  consents,
};

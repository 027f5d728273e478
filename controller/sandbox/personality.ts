import type { SandboxService } from '../api/sandbox-config.ts';
import type { Reply } from './reply.ts';

/** The refusals that limits, credentials and recipient scripts produce, in one provider's wording. */
export interface Refusals {
  readonly startTlsFirst: Reply;
  readonly loginRequired: Reply;
  readonly badCredentials: Reply;
  readonly tooManyLogins: Reply;
  readonly foreignSender: Reply;
  readonly recipientLimit: Reply;
  readonly messageRate: Reply;
  readonly tooManyRecipients: Reply;
  readonly messageTooBig: Reply;
  readonly unknownRecipient: Reply;
  readonly fullRecipient: Reply;
  readonly greylisted: Reply;
  readonly badSenderSyntax: Reply;
  readonly badRecipientSyntax: Reply;
  readonly badSequence: Reply;
  readonly badSyntax: Reply;
  readonly unknownCommand: Reply;
  readonly unknownAuthMechanism: Reply;
}

/** The consents, in one provider's wording. */
export interface Consents {
  readonly startTls: Reply;
  readonly login: Reply;
  readonly mail: Reply;
  readonly rcpt: Reply;
  readonly data: Reply;
  readonly reset: Reply;
  readonly quit: Reply;
  readonly noop: Reply;
  /** The 250 after the dot; `queueId` names the message. */
  readonly accepted: (queueId: string) => Reply;
}

/** How one kind of provider presents itself on the wire. */
export interface Personality {
  readonly service: SandboxService;
  readonly hostName: string;
  readonly banner: string;
  readonly authMethods: readonly string[];
  readonly refusals: Refusals;
  readonly consents: Consents;
}

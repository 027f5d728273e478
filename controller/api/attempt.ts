import { z } from 'zod';
import { outcomeSchema, replyClassSchema } from './outcome.ts';

/** Version of the attempt record's shape; readers refuse a higher one. */
export const ATTEMPT_SCHEMA_VERSION = 1;

/** The step of the conversation that the last reply answered. `DOT` is the end of DATA. */
const SMTP_COMMANDS = ['CONN', 'EHLO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'DOT', 'HTTP'] as const;
const smtpCommandSchema = z.enum(SMTP_COMMANDS);
export type SmtpCommand = z.infer<typeof smtpCommandSchema>;

/** One try to hand one message to one route leaves exactly one of these. */
export const attemptRecordSchema = z.strictObject({
  schema: z.literal(ATTEMPT_SCHEMA_VERSION),
  /** When the attempt ended, milliseconds since the epoch, sender's clock. */
  timeMs: z.int(),
  namespace: z.string(),
  pool: z.string(),
  campaign: z.string(),
  /** Index of the step within the campaign, from 0. */
  step: z.int().nonnegative(),
  /** Index of the recipient's row within the audience, from 0. */
  row: z.int().nonnegative(),
  recipient: z.string(),
  /** Message-ID without angle brackets. */
  messageId: z.string(),
  /** Number of this attempt for this message, from 1. */
  attempt: z.int().positive(),
  /** `mailbox/NAME` or `esp/NAME`. */
  route: z.string(),
  provider: z.string(),
  /** The address the route authenticated as, or the ESP's user. */
  account: z.string(),
  command: smtpCommandSchema,
  /** SMTP reply code, 0 when the connection ended without a reply. */
  code: z.int().nonnegative(),
  enhancedCode: z.string(),
  text: z.string().max(512),
  /** Client error code (ETIMEDOUT …) when there was no reply, else empty. */
  clientError: z.string(),
  class: replyClassSchema,
  /** Id of the policy rule that matched, empty for an accepted message. */
  rule: z.string(),
  /** What became of the message by this attempt. */
  outcome: outcomeSchema,
  /** Why the message left its preferred kind of route, empty when it did not. */
  overflow: z.string(),
  durationMs: z.int().nonnegative(),
});

export type AttemptRecord = z.infer<typeof attemptRecordSchema>;

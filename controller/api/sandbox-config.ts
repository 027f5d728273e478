import { z } from 'zod';

/** The shape of the sandbox's YAML file: provider twins that people try their manifests against. */

const oneLine = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\r\n]*$/, 'must be one line');

const mailAddress = oneLine(254).regex(/@/, 'must be an e-mail address such as anna@example.com');
const port = z.int().min(0).max(65535).default(0);
const windowSeconds = z.number().positive().max(31_536_000);

/** Which personality answers: a mailbox provider's submission service or an ESP relay. */
export const sandboxServiceSchema = z.enum(['Submission', 'Relay']);
export type SandboxService = z.infer<typeof sandboxServiceSchema>;

/** The command at which a refusal can be scripted; `Dot` is the end of DATA. */
const smtpStageSchema = z.enum(['Mail', 'Rcpt', 'Data', 'Dot']);

/** A refusal as it goes over the wire: code, optional enhanced code, text. */
export const refusalTextSchema = oneLine(1000).regex(
  /^[45]\d\d( [45]\.\d{1,3}\.\d{1,3})? \S/,
  'must be a refusal such as "450 4.2.1 The user is receiving mail too quickly"',
);

const rateSchema = z.strictObject({
  max: z.int().min(0).max(100_000_000).describe('The most that is let through in any window.'),
  windowSeconds: windowSeconds.describe('Length of the rolling window, in seconds.'),
});

const limitFields = {
  recipients: rateSchema
    .extend({
      refuseAt: z
        .enum(['Mail', 'Rcpt', 'Data'])
        .describe(
          'Command that is refused once the window is full. Google answers to DATA. DATA is checked in any case.',
        ),
    })
    .describe('Recipients of accepted messages in a rolling window.'),
  messages: rateSchema.describe('Messages begun in a rolling window (the burst limit).'),
  logins: rateSchema.describe('Logins, good and bad, in a rolling window.'),
  recipientsPerMessage: z.int().min(1).max(100_000).describe('Recipients of one message.'),
  messageBytes: z.int().min(1).max(1_000_000_000).describe('Size of one message, in bytes.'),
};

/** Changes to limits: what is left out stays as it is. */
export const limitChangesSchema = z.strictObject({
  recipients: limitFields.recipients.partial().optional(),
  messages: limitFields.messages.partial().optional(),
  logins: limitFields.logins.partial().optional(),
  recipientsPerMessage: limitFields.recipientsPerMessage.optional(),
  messageBytes: limitFields.messageBytes.optional(),
});
export type LimitChanges = z.infer<typeof limitChangesSchema>;

/** Every limit of one account. */
export type SandboxLimits = z.infer<z.ZodObject<typeof limitFields>>;

const accountSchema = z
  .strictObject({
    address: mailAddress.describe('The account: its login name and sender address.'),
    appPassword: oneLine(200)
      .optional()
      .describe('App Password for AUTH PLAIN and LOGIN; spaces do not count.'),
    accessTokens: z
      .array(oneLine(4096))
      .max(20)
      .default([])
      .describe('OAuth 2 access tokens good for AUTH XOAUTH2.'),
    aliases: z.array(mailAddress).max(100).default([]).describe('Further addresses the account may send as.'),
    limits: limitChangesSchema
      .default({})
      .describe('Limits of this account that differ from the common ones.'),
  })
  .refine((account) => account.appPassword !== undefined || account.accessTokens.length > 0, {
    message: 'needs an appPassword or at least one of accessTokens, else nobody can log in',
  });
export type SandboxAccount = z.infer<typeof accountSchema>;

const relaySchema = z.strictObject({
  username: oneLine(254).describe('Login name, often a fixed word such as `apikey`.'),
  password: oneLine(1000).describe('Password or API key.'),
  idempotencyHeader: oneLine(100)
    .optional()
    .describe(
      'Header field with an idempotency key, such as `Resend-Idempotency-Key`: within 24 hours a message is taken once per key.',
    ),
  limits: limitChangesSchema
    .default({})
    .describe('Limits of this login that differ from the common ones of relays.'),
});
export type SandboxRelay = z.infer<typeof relaySchema>;

const matchSchema = z
  .strictObject({
    address: mailAddress.optional().describe('Exactly this recipient, upper and lower case alike.'),
    localPart: oneLine(200)
      .optional()
      .describe('Local part of the recipient; `*` stands for any characters.'),
    domain: oneLine(253).optional().describe('Domain of the recipient, as it is written on the wire.'),
    percent: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe('This share of all recipients, chosen by the seed and the address.'),
    sender: mailAddress.optional().describe('Only mail from this envelope sender.'),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), {
    message: 'needs at least one of address, localPart, domain, percent, sender',
  });

const attempts = z.int().min(1).max(1000);
const ruleFields = {
  match: matchSchema.describe(
    'Whom it concerns; all given fields must fit. The first rule that fits is taken.',
  ),
  service: sandboxServiceSchema.optional().describe('Only this service. Default: both.'),
  times: attempts
    .optional()
    .describe('Only the first so many attempts for an address; later ones go through.'),
};
const rule = <T extends string, S extends z.ZodRawShape>(behaviour: T, shape: S) =>
  z.strictObject({ ...ruleFields, behaviour: z.literal(behaviour), ...shape });

const recipientRuleSchema = z
  .discriminatedUnion('behaviour', [
    rule('Unknown', {}),
    rule('Full', {}),
    z.strictObject({
      ...ruleFields,
      behaviour: z.literal('Greylist'),
      times: attempts.default(1).describe('Attempts that are put off before one is taken.'),
    }),
    rule('Slow', {
      delayMs: z.int().min(1).max(3_600_000).describe('How late the reply comes, in milliseconds.'),
      at: z
        .enum(['Rcpt', 'Data', 'Dot'])
        .default('Dot')
        .describe('Which reply is late. At Dot the message is already accepted while the client waits.'),
    }),
    rule('Reply', {
      at: smtpStageSchema.default('Rcpt'),
      reply: refusalTextSchema.describe('The refusal, verbatim.'),
    }),
    rule('DisconnectInMail', {}),
    rule('DisconnectInRcpt', {}),
    rule('DisconnectInData', {}),
    rule('DisconnectAfterDot', {
      accepted: z
        .boolean()
        .default(true)
        .describe('Whether the message was accepted before the connection was cut instead of the 250.'),
    }),
  ])
  .refine(
    (rule) => !isAtMail(rule) || (rule.match.sender !== undefined && Object.keys(rule.match).length === 1),
    {
      path: ['match'],
      message: 'the recipient is not known at MAIL FROM: match by sender, and by nothing else',
    },
  );
export type RecipientRule = z.infer<typeof recipientRuleSchema>;

/** True for a rule that acts on MAIL FROM, when no recipient is known yet. */
export function isAtMail(rule: { readonly behaviour: string; readonly at?: string }): boolean {
  return rule.behaviour === 'DisconnectInMail' || (rule.behaviour === 'Reply' && rule.at === 'Mail');
}

export const sandboxConfigSchema = z.strictObject({
  seed: oneLine(200)
    .default('sandbox')
    .describe('Decides which recipients a percentage hits; the same seed hits the same ones.'),
  host: oneLine(253).default('127.0.0.1').describe('Address the SMTP services listen on.'),
  httpHost: oneLine(253).default('127.0.0.1').describe('Address the HTTP control listens on.'),
  ports: z
    .strictObject({
      submissionStartTls: port,
      submissionTls: port,
      relayStartTls: port,
      relayTls: port,
      http: port,
    })
    .prefault({})
    .describe('TCP ports; 0 takes a free one.'),
  certificateHosts: z
    .array(oneLine(253))
    .min(1)
    .max(20)
    .default(['localhost', '127.0.0.1'])
    .describe('Host names and IPv4 addresses that the certificate made at start is good for.'),
  enforceSender: z
    .boolean()
    .default(true)
    .describe(
      'Refuse a MAIL FROM that is neither the account nor one of its aliases (Google rewrites it silently).',
    ),
  limits: limitChangesSchema.default({}).describe('Limits of every account, over the built-in ones.'),
  accounts: z.array(accountSchema).max(50_000).default([]).describe('Accounts of the submission service.'),
  relayLimits: limitChangesSchema
    .default({})
    .describe('Limits of every relay login, over the built-in ones.'),
  relays: z.array(relaySchema).max(1000).default([]).describe('Logins of the relay.'),
  recipients: z
    .array(recipientRuleSchema)
    .max(10_000)
    .default([])
    .describe('How recipients behave; the first rule that fits is taken.'),
  keepMessages: z
    .boolean()
    .default(false)
    .describe('Keep the text of messages for GET /messages/<Message-ID>.'),
  keptMessagesMax: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('How many of the latest messages are kept.'),
});
/** A sandbox configuration with all defaults filled in. */
export type SandboxConfig = z.infer<typeof sandboxConfigSchema>;
/** A sandbox configuration as people write it. */
export type SandboxConfigInput = z.input<typeof sandboxConfigSchema>;

import { z } from 'zod';
import type { EspProvider } from './email-service-provider.ts';
import type { MailboxProvider } from './mailbox.ts';
import { replyClassSchema } from './outcome.ts';

/** Shape of `policy/policy.yaml`: provider profiles and reply rules. Data, versioned, reviewed. */

/** Profile in `policy.yaml` of each mailbox provider. */
export const MAILBOX_PROFILE_IDS: Readonly<Record<MailboxProvider, string>> = {
  GoogleWorkspace: 'google-workspace',
  GoogleWorkspaceTrial: 'google-workspace-trial',
  Gmail: 'gmail-personal',
  Microsoft365: 'microsoft-365',
  SMTP: 'smtp',
};

/** Profile in `policy.yaml` of each e-mail service provider. */
export const ESP_PROFILE_IDS: Readonly<Record<EspProvider, string>> = {
  SES: 'ses',
  SendGrid: 'sendgrid',
  Mailgun: 'mailgun',
  Postmark: 'postmark',
  Resend: 'resend',
  Brevo: 'brevo',
  SparkPost: 'sparkpost',
  Mailjet: 'mailjet',
  SMTP: 'smtp-relay',
};

const positive = z.int().positive();
const portsSchema = z.strictObject({
  starttls: positive.optional(),
  implicitTls: positive.optional(),
  /** Never used: credentials do not cross a wire in the clear. */
  plain: positive.optional(),
});

/** The parts of a profile that decisions read; what else a profile says is for people and later work. */
const profileSchema = z.looseObject({
  /** Profile whose values hold where this one says nothing. */
  extends: z.string().optional(),
  capLimit: z.strictObject({ recipientsPerDay: positive, source: z.string() }).optional(),
  smtp: z
    .looseObject({
      host: z.string().optional(),
      ports: portsSchema,
    })
    .optional(),
  imap: z.strictObject({ host: z.string(), port: positive }).optional(),
  oauth2: z.strictObject({ tokenUrl: z.string(), scope: z.string() }).optional(),
  defaults: z
    .looseObject({
      recipientsPerDay: positive.optional(),
      messagesPerDay: positive.optional(),
      externalRecipientsPerDay: positive.optional(),
      minSecondsBetweenMessages: z.number().nonnegative().optional(),
      maxConnections: positive.optional(),
      maxMessagesPerConnection: positive.optional(),
    })
    .optional(),
  /** What makes a repeat harmless; `none` = nothing does. */
  idempotencyKey: z
    .union([
      z.literal('none'),
      z.looseObject({
        /** Header field of the message that holds the key when it comes by SMTP. */
        smtpHeader: z.string().optional(),
        /** How long a key is remembered, hours. */
        ttlHours: positive.optional(),
      }),
    ])
    .optional(),
  policy: z
    .looseObject({
      /** Most mailboxes of the profile in one pool; null = no limit. */
      maxMailboxesPerPool: positive.nullable().optional(),
    })
    .optional(),
});

const retrySchema = z.strictObject({
  minSeconds: z.number().nonnegative().optional(),
  backoff: z.number().positive().optional(),
  maxSeconds: z.number().positive().optional(),
  notBefore: z.enum(['windowReset']).optional(),
  split: z.boolean().optional(),
  max: z.int().optional(),
  honour: z.string().optional(),
});

const consequenceFields = z.strictObject({
  stop: z.enum(['untilWindowReset', 'untilCredentialChanges', 'untilHuman', 'untilDnsVerified']).optional(),
  throttle: z.strictObject({ factor: z.number().optional(), maxConnections: z.int().optional() }).optional(),
  flag: z.string().optional(),
  /** The flag is raised only after this many such replies in 24 h. */
  flagAfter: z.int().optional(),
  /** The mailbox stops until a person acts after this many such replies in 24 h. */
  stopAfter: z.int().optional(),
});
const consequenceSchema = consequenceFields.refine(
  ({ flag, flagAfter, stopAfter }) =>
    flag !== undefined || (flagAfter === undefined && stopAfter === undefined),
  { error: 'flagAfter and stopAfter count the replies that name a flag: give it a flag' },
);

/** What tells that a provider finds a mailbox too eager. */
const warmupSignSchema = z.enum(['softThrottle', 'complaint']);
const warmupSchema = z.strictObject({
  /** Reply classes that are a sign of each kind. */
  signs: z.record(warmupSignSchema, z.array(replyClassSchema)),
  default: z.strictObject({
    startPerDay: positive,
    growthFactorPerDay: z.number().min(1),
    /** Signs for which the ramp does not grow at the end of their day. */
    holdOn: z.array(warmupSignSchema),
    resetTo: z.number().positive().max(1),
  }),
});

const failoverSchema = z.enum(['none', 'esp', 'any', 'onlyIfIdempotent']);
const scopeSchema = z.enum([
  'recipient',
  'message',
  'mailbox',
  'route',
  'tenant',
  'sendingDomain',
  'recipientDomain',
]);

const smtpRuleSchema = z.strictObject({
  id: z.string(),
  match: z.string(),
  class: replyClassSchema,
  scope: scopeSchema,
  retry: retrySchema.nullable(),
  failover: failoverSchema,
  suppress: z.enum(['hard', 'soft']).optional(),
  mailbox: consequenceSchema.optional(),
});

const clientErrorSchema = z.strictObject({
  class: replyClassSchema,
  scope: scopeSchema,
  retry: retrySchema.nullable(),
  failover: failoverSchema,
  unlessAfterData: replyClassSchema.optional(),
  invalidGrant: consequenceSchema.optional(),
});

/** Volume from which a provider treats an organisational domain as a bulk sender. */
const bulkSenderSchema = z.strictObject({
  /** Domains of the recipients that count. */
  provider: z.array(z.string()).min(1),
  perOrganisationalDomainPer24h: positive,
  warnAt: positive,
  /** The provider never forgets the status. */
  permanent: z.boolean(),
  requires: z.array(z.string()),
});

export const policyDocumentSchema = z.strictObject({
  schema: z.literal('mailpolicy/v1'),
  reviewed: z.string(),
  profiles: z.record(z.string(), profileSchema),
  domainGuards: z.looseObject({ bulkSender: bulkSenderSchema }),
  warmup: warmupSchema,
  smtpRules: z.array(smtpRuleSchema),
  clientErrors: z.record(z.string(), clientErrorSchema),
  httpRules: z.array(z.looseObject({})),
});

export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type PolicyProfile = z.infer<typeof profileSchema>;
export type BulkSenderRule = z.infer<typeof bulkSenderSchema>;
export type SmtpRule = z.infer<typeof smtpRuleSchema>;
export type ClientErrorRule = z.infer<typeof clientErrorSchema>;
export type RetrySchedule = z.infer<typeof retrySchema>;
export type MailboxConsequence = z.infer<typeof consequenceSchema>;
export type Failover = z.infer<typeof failoverSchema>;
export type ReplyScope = z.infer<typeof scopeSchema>;

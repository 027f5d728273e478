import { z } from 'zod';
import { statusBase } from './conditions.ts';
import {
  accountAddress,
  calendarDate,
  count,
  keyRef,
  listSet,
  objectName,
  text,
  withRules,
  type CelRule,
} from './field.ts';
import { MAILBOX_CAP_LIMITS } from './provider-limits.generated.ts';
import { AGE_COLUMN, MESSAGE_COLUMN, REASON_COLUMN, readyColumn } from './printer-column.ts';
import type { ResourceKind } from './resource-kind.ts';
import { sendingWindowSchema } from './sending-window.ts';
import { imapEndpointSchema, smtpEndpointSchema } from './smtp.ts';

export const MAILBOX_PROVIDERS = [
  'GoogleWorkspace',
  'GoogleWorkspaceTrial',
  'Gmail',
  'Microsoft365',
  'SMTP',
] as const;
export type MailboxProvider = (typeof MAILBOX_PROVIDERS)[number];

const authSchema = withRules(
  z.strictObject({
    appPassword: z
      .strictObject({ secretRef: keyRef('Secret', 'appPassword').describe('Where it is.') })
      .optional()
      .describe(
        'Google App Password (16 letters; spaces are ignored). Needs 2-Step Verification on the account.',
      ),
    password: z
      .strictObject({ secretRef: keyRef('Secret', 'password').describe('Where it is.') })
      .optional()
      .describe('Plain account password. Only for provider SMTP: Google and Microsoft no longer take one.'),
    oauth2: z
      .strictObject({
        secretRef: z
          .strictObject({
            name: objectName.describe('Secret with the keys clientId, clientSecret and refreshToken.'),
          })
          .describe('Where its three parts are.'),
      })
      .optional()
      .describe('OAuth 2 refresh token (SASL XOAUTH2).'),
    serviceAccount: z
      .strictObject({ secretRef: keyRef('Secret', 'key.json').describe('Where it is.') })
      .optional()
      .describe('Google service account key (JSON) with domain-wide delegation; acts as the address.'),
  }),
  {
    rule: '[has(self.appPassword), has(self.password), has(self.oauth2), has(self.serviceAccount)].filter(x, x).size() == 1',
    message: 'must have exactly one of appPassword, password, oauth2, serviceAccount',
  },
);

const quotaSchema = z.strictObject({
  recipientsPerDay: count(1, 100_000)
    .optional()
    .describe(
      "The cap: most recipients in any rolling 24 hours, from all campaigns together. Default: the provider's safe default (Workspace 1,500; trial and Gmail 350; Microsoft 365 1,500; SMTP 500). Refused above the provider's documented limit.",
    ),
  recipientsPerHour: count(1, 100_000)
    .optional()
    .describe('Most recipients in any rolling hour. Default: no hourly limit.'),
  reservePercent: count(0, 90)
    .default(0)
    .describe('Share of the cap, in percent, left to the human who also sends from this account. Default 0.'),
});

const pacingSchema = z.strictObject({
  minIntervalSeconds: count(0, 86_400)
    .optional()
    .describe(
      "Least time between two messages, in seconds. Default: the provider's (Workspace 2, Gmail 10, Microsoft 365 3, SMTP 0).",
    ),
  jitterSeconds: count(0, 86_400)
    .default(0)
    .describe('Random extra time added to each interval, 0 to this many seconds. Default 0.'),
});

const warmupSchema = z.strictObject({
  startRecipientsPerDay: count(1, 100_000).default(20).describe('Cap of the first day. Default 20.'),
  growthPercentPerDay: count(1, 100)
    .default(30)
    .describe('Growth of the cap per day, in percent. Default 30.'),
  startDate: calendarDate
    .optional()
    .describe('First day of the ramp (UTC). Default: the day of the first message.'),
});

const specSchema = z.strictObject({
  address: withRules(accountAddress, {
    rule: 'self == oldSelf',
    message: 'is immutable: quota is counted per address; create another Mailbox instead',
    reason: 'FieldValueForbidden',
  }).describe('The account, e.g. anna@example.com. Sends as itself. Immutable.'),
  displayName: text(128).optional().describe('Name shown beside the address in From.'),
  provider: z.enum(MAILBOX_PROVIDERS).describe('Whose limits and defaults apply.'),
  auth: authSchema.describe('How to log in: exactly one method, by reference to a Secret.'),
  smtp: smtpEndpointSchema
    .optional()
    .describe('Submission service. Defaulted from the provider; host is required for provider SMTP.'),
  imap: imapEndpointSchema
    .optional()
    .describe('Where to look for evidence, bounces and replies. Defaulted from the provider.'),
  aliases: listSet(accountAddress, 30)
    .optional()
    .describe('Other addresses that this account may use in From.'),
  quota: quotaSchema.optional().describe('How much may be sent.'),
  pacing: pacingSchema.optional().describe('How fast.'),
  warmup: warmupSchema
    .optional()
    .describe('A ramp for a new mailbox; never above the cap. Default: no ramp.'),
  sendingWindow: sendingWindowSchema.optional().describe('When. Default: at any time.'),
  suspend: z
    .boolean()
    .default(false)
    .describe('True stops the mailbox: no new message after one second. Default false.'),
});

const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

const capRules: CelRule[] = Object.entries(MAILBOX_CAP_LIMITS).map(([provider, limit]) => ({
  rule: `self.provider != '${provider}' || !has(self.quota) || !has(self.quota.recipientsPerDay) || self.quota.recipientsPerDay <= ${limit.recipientsPerDay}`,
  message: `must be at most ${grouped(limit.recipientsPerDay)} for provider ${provider} (${limit.source})`,
  fieldPath: '.quota.recipientsPerDay',
}));

const mailboxSpecSchema = withRules(
  specSchema,
  ...capRules,
  {
    rule: "self.provider != 'SMTP' || (has(self.smtp) && has(self.smtp.host))",
    message: 'must have smtp.host when provider is SMTP',
    reason: 'FieldValueRequired',
    fieldPath: '.smtp',
  },
  {
    rule: "self.provider == 'SMTP' || !has(self.auth.password)",
    message:
      'must not use a plain password with Google or Microsoft: use appPassword, oauth2 or serviceAccount',
    fieldPath: '.auth',
  },
  {
    rule: "self.provider != 'Microsoft365' || !has(self.auth.appPassword)",
    message: 'must use oauth2 with Microsoft365: app passwords are not accepted for SMTP',
    fieldPath: '.auth',
  },
  {
    rule: "!has(self.auth.serviceAccount) || self.provider == 'GoogleWorkspace' || self.provider == 'GoogleWorkspaceTrial'",
    message: 'must not use serviceAccount except with Google Workspace (domain-wide delegation)',
    fieldPath: '.auth',
  },
);

const mailboxStatusSchema = z.strictObject({
  ...statusBase,
  state: text(64)
    .optional()
    .describe('What the lane does now: Ready, Pacing, QuotaExhausted, WindowClosed, Suspended, Stopped …'),
  quota: z
    .strictObject({
      recipientsPerDay: count(0, 1_000_000)
        .optional()
        .describe('Cap in force now, after reserve, warm-up and learned limits.'),
      used: count(0, 1_000_000).optional().describe('Recipients in the rolling window.'),
      usage: text(32).optional().describe('used/cap for the printer column.'),
      learnedLimit: count(0, 1_000_000)
        .optional()
        .describe('Limit the provider showed by refusing before our cap.'),
      nextSlotTime: text(40).optional().describe('When the next recipient fits.'),
    })
    .optional()
    .describe('The cap and how much of it is used.'),
  warmup: z
    .strictObject({
      recipientsPerDay: count(0, 1_000_000)
        .optional()
        .describe('What the ramp allows on this day of it, held days left out; the cap may allow less.'),
      held: z
        .boolean()
        .optional()
        .describe(
          'True when the provider throttled the mailbox on this day of the ramp, so that its end adds no growth.',
        ),
      heldUntilTime: text(40).optional().describe('When that day of the ramp ends.'),
      nextGrowthTime: text(40)
        .optional()
        .describe('When the ramp grows next, if nothing holds it until then.'),
    })
    .optional()
    .describe('Where the ramp stands.'),
  delivered: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Messages accepted by the provider.'),
  deferred: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Attempts put off.'),
  failed: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Messages refused for good.'),
  lastReply: text(600)
    .optional()
    .describe('Last reply of the provider that was not an acceptance: code, enhanced code, text.'),
  lastReplyTime: text(40).optional().describe('When it came.'),
  flags: z.array(text(64)).max(16).optional().describe('Policy flags raised by replies, e.g. PolicyBlock.'),
  pool: text(253).optional().describe('Pool that sends with this mailbox.'),
});

export type MailboxSpec = z.infer<typeof mailboxSpecSchema>;
export type MailboxStatus = z.infer<typeof mailboxStatusSchema>;

export const mailboxKind: ResourceKind<typeof mailboxSpecSchema, typeof mailboxStatusSchema> = {
  kind: 'Mailbox',
  plural: 'mailboxes',
  singular: 'mailbox',
  shortNames: ['mb'],
  description:
    'One Gmail, Google Workspace, Microsoft 365 or SMTP account that sends as itself: the unit of quota, authentication, reputation and report.',
  spec: mailboxSpecSchema,
  status: mailboxStatusSchema,
  selectableFields: ['.spec.provider', '.spec.address'],
  printerColumns: [
    { name: 'Address', type: 'string', jsonPath: '.spec.address', description: 'The account.' },
    readyColumn('Can it send?'),
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'What the lane does now.' },
    {
      name: 'Used',
      type: 'string',
      jsonPath: '.status.quota.usage',
      description: 'Recipients in the rolling window / cap.',
    },
    { name: 'Delivered', type: 'integer', jsonPath: '.status.delivered', description: 'Messages accepted.' },
    {
      name: 'Last Reply',
      type: 'string',
      jsonPath: '.status.lastReply',
      description: 'Last refusal.',
      priority: 1,
    },
    { name: 'Provider', type: 'string', jsonPath: '.spec.provider', description: 'Provider.', priority: 1 },
    REASON_COLUMN,
    MESSAGE_COLUMN,
    AGE_COLUMN,
  ],
};

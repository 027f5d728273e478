import { z } from 'zod';
import { statusBase } from './conditions.ts';
import { accountAddress, count, dataKey, listSet, hostName, objectName, text, withRules } from './field.ts';
import { AGE_COLUMN, REASON_COLUMN, readyColumn } from './printer-column.ts';
import type { ResourceKind } from './resource-kind.ts';
import { smtpEndpointSchema } from './smtp.ts';

export const ESP_PROVIDERS = [
  'SES',
  'SendGrid',
  'Mailgun',
  'Postmark',
  'Resend',
  'Brevo',
  'SparkPost',
  'Mailjet',
  'SMTP',
] as const;
export type EspProvider = (typeof ESP_PROVIDERS)[number];

const fromSchema = z.strictObject({
  address: accountAddress.describe(
    'Address in From when a message leaves by this provider and the campaign names none.',
  ),
  displayName: text(128).optional().describe('Name shown beside the address.'),
});

const espSpecSchema = withRules(
  z.strictObject({
    provider: z
      .enum(ESP_PROVIDERS)
      .describe(
        'Whose service it is. All are reached by their SMTP relay. Resend takes idempotency keys: a message whose end is unknown is handed over again with its key.',
      ),
    smtp: smtpEndpointSchema
      .optional()
      .describe(
        "The relay. Defaulted from the provider; host is required for SMTP and for SES (the region's endpoint).",
      ),
    auth: z
      .strictObject({
        secretRef: z
          .strictObject({
            name: objectName.describe('Secret with the user name and the password or API key.'),
            usernameKey: dataKey.default('username').describe('Key of the user name. Default username.'),
            passwordKey: dataKey
              .default('password')
              .describe('Key of the password or API key. Default password.'),
          })
          .describe('The Secret and its keys.'),
      })
      .describe('How to log in, by reference to a Secret.'),
    from: fromSchema.optional().describe('Default From of messages that leave by this provider.'),
    domains: listSet(hostName, 50)
      .optional()
      .describe(
        'Domains verified at the provider. When given, From addresses of other domains are not sent by it.',
      ),
    quota: z
      .strictObject({
        recipientsPerDay: count(1, 100_000_000)
          .optional()
          .describe('Most recipients in any rolling 24 hours. Default: no limit.'),
        recipientsPerHour: count(1, 100_000_000)
          .optional()
          .describe('Most recipients in any rolling hour. Default: no limit.'),
      })
      .optional()
      .describe('What the account may send.'),
    messagesPerSecond: count(1, 1000)
      .default(10)
      .describe('Highest rate, messages per second over all senders. Default 10.'),
    maxConnections: count(1, 50).default(5).describe('Connections per sender pod. Default 5.'),
    suspend: z.boolean().default(false).describe('True stops the provider. Default false.'),
  }),
  {
    rule: "!(self.provider in ['SMTP', 'SES']) || (has(self.smtp) && has(self.smtp.host))",
    message: 'must have smtp.host when provider is SMTP or SES',
    reason: 'FieldValueRequired',
    fieldPath: '.smtp',
  },
);

const espStatusSchema = z.strictObject({
  ...statusBase,
  state: text(64).optional().describe('What the lane does now.'),
  used: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Recipients in the rolling window.'),
  delivered: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Messages accepted by the provider.'),
  deferred: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Attempts put off.'),
  failed: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Messages refused for good.'),
  overflow: count(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Messages that came here because no mailbox could take them.'),
  lastReply: text(600).optional().describe('Last reply that was not an acceptance.'),
  lastReplyTime: text(40).optional().describe('When it came.'),
});

export type EmailServiceProviderSpec = z.infer<typeof espSpecSchema>;
export type EmailServiceProviderStatus = z.infer<typeof espStatusSchema>;

export const emailServiceProviderKind: ResourceKind<typeof espSpecSchema, typeof espStatusSchema> = {
  kind: 'EmailServiceProvider',
  plural: 'emailserviceproviders',
  singular: 'emailserviceprovider',
  shortNames: ['esp'],
  description:
    'An account at an e-mail service provider, or any SMTP relay: the way out for what mailboxes may not carry.',
  spec: espSpecSchema,
  status: espStatusSchema,
  selectableFields: ['.spec.provider'],
  printerColumns: [
    { name: 'Provider', type: 'string', jsonPath: '.spec.provider', description: 'Provider.' },
    readyColumn('Can it send?'),
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'What the lane does now.' },
    { name: 'Delivered', type: 'integer', jsonPath: '.status.delivered', description: 'Messages accepted.' },
    {
      name: 'Overflow',
      type: 'integer',
      jsonPath: '.status.overflow',
      description: 'Messages no mailbox could take.',
    },
    {
      name: 'Last Reply',
      type: 'string',
      jsonPath: '.status.lastReply',
      description: 'Last refusal.',
      priority: 1,
    },
    REASON_COLUMN,
    AGE_COLUMN,
  ],
};

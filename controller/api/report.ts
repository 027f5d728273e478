import { z } from 'zod';
import { REASONS } from './reasons.ts';
import { SHARED_LIMIT_KINDS } from './shared-limits.ts';

/** Version of the report's shape. */
export const REPORT_SCHEMA_VERSION = 1;

const total = z.int().nonnegative();

const reportReplySchema = z.strictObject({
  code: total.describe('SMTP reply code; 0 = the connection ended without a reply.'),
  enhancedCode: z.string(),
  count: total,
});

const reportRouteSchema = z.strictObject({
  route: z.string().describe('`mailbox/NAME` or `esp/NAME`.'),
  kind: z.enum(['Mailbox', 'ESP']),
  provider: z.string(),
  account: z.string(),
  sent: total.describe('Messages accepted by the provider.'),
  deferred: total.describe('Attempts after which the message waits or goes another way.'),
  failed: total,
  suppressed: total,
  uncertain: total,
  overflow: total.describe(
    'Of `sent`, those that came here because the preferred kind of route could not take them.',
  ),
  replies: z.array(reportReplySchema),
});

const reportMailboxSchema = z.strictObject({
  name: z.string(),
  address: z.string(),
  provider: z.string(),
  used: total,
  cap: total.describe('Cap in force, after reserve, warm-up and learned limits.'),
  state: z.enum(REASONS),
  message: z.string(),
  nextSlot: z.string().describe('When the next recipient fits, RFC 3339, empty when at once or unknown.'),
  flags: z.array(z.string()),
});

const reportLimitSchema = z.strictObject({
  kind: z.enum(SHARED_LIMIT_KINDS),
  name: z.string().describe('`pool`, the domain of the recipients, or `bulk-sender/DOMAIN` of the From.'),
  used: total.describe('Recipients in the window of a day.'),
  recipientsPerDay: total.optional(),
  recipientsPerHour: total.optional(),
  state: z.enum(REASONS),
  message: z.string(),
  nextSlot: z.string().describe('When the next recipient fits, RFC 3339, empty when at once.'),
  waiting: total.describe('Messages that wait for it.'),
});

const reportCampaignSchema = z.strictObject({
  name: z.string(),
  state: z.enum(REASONS),
  message: z.string(),
  rows: z.strictObject({ read: total, accepted: total, invalid: total, duplicate: total }),
  total,
  pending: total,
  inFlight: total,
  delivered: total,
  deferred: total,
  failed: total,
  suppressed: total,
  uncertain: total,
  cancelled: total,
  overflow: total,
  nextAttempt: z.string(),
});

const reportPoolSchema = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  routes: z.array(reportRouteSchema),
  mailboxes: z.array(reportMailboxSchema),
  limits: z
    .array(reportLimitSchema)
    .describe('Limits that routes share; a bulk sender guard only once something counts.'),
  campaigns: z.array(reportCampaignSchema),
});

/** What happened, per pool: routes, mailboxes, campaigns. `mailers run --report FILE` writes it as JSON. */
export const reportSchema = z.strictObject({
  schema: z.literal(REPORT_SCHEMA_VERSION),
  generatedAt: z.string().describe('RFC 3339.'),
  complete: z.boolean(),
  pools: z.array(reportPoolSchema),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportPool = z.infer<typeof reportPoolSchema>;
export type ReportRoute = z.infer<typeof reportRouteSchema>;
export type ReportMailbox = z.infer<typeof reportMailboxSchema>;
export type ReportLimit = z.infer<typeof reportLimitSchema>;
export type ReportCampaign = z.infer<typeof reportCampaignSchema>;

import { z } from 'zod';
import { REASONS } from './reasons.ts';
import { sendingWindowSchema } from './sending-window.ts';
import { OVERFLOW_REASONS, POOL_PURPOSES } from './sending-pool.ts';
import { SHARED_LIMIT_KINDS } from './shared-limits.ts';
import { TLS_MODES } from './smtp.ts';

/** Version of the plan's shape. A sender refuses a plan of a higher version than it knows. */
export const PLAN_SCHEMA_VERSION = 1;

const secretKeySchema = z.strictObject({ name: z.string(), key: z.string() });

/** Login by reference: the sender reads the Secret, never the plan. */
const planAuthSchema = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('AppPassword'), user: z.string(), secret: secretKeySchema }),
  z.strictObject({ method: z.literal('Password'), user: z.string(), secret: secretKeySchema }),
  z.strictObject({
    method: z.literal('UserPassword'),
    secretName: z.string(),
    usernameKey: z.string(),
    passwordKey: z.string(),
  }),
  z.strictObject({
    method: z.literal('OAuth2'),
    user: z.string(),
    secretName: z.string(),
    tokenUrl: z.string(),
  }),
  z.strictObject({
    method: z.literal('ServiceAccount'),
    user: z.string(),
    secret: secretKeySchema,
    scope: z.string(),
  }),
]);

const planEndpointSchema = z.strictObject({
  host: z.string(),
  port: z.int(),
  tls: z.enum(TLS_MODES),
  ca: secretKeySchema.optional(),
});

/** One limit of a rolling window. Several limits of one subject are checked all-or-nothing. */
const planLimitSchema = z.strictObject({
  name: z.enum(['Day', 'Hour']),
  windowMs: z.int().positive(),
  recipients: z.int().nonnegative(),
});

const planWarmupSchema = z.strictObject({
  startRecipientsPerDay: z.int().positive(),
  growthPercentPerDay: z.int().positive(),
  /** First day of the ramp, milliseconds since the epoch; undefined: the first message's day, kept in the ledger. */
  startMs: z.int().optional(),
});

const routeBase = {
  /** `mailbox/NAME` or `esp/NAME`. */
  route: z.string(),
  name: z.string(),
  provider: z.string(),
  endpoint: planEndpointSchema,
  auth: planAuthSchema,
  /** Subject of the quota ledger: the account itself, so that a re-created object keeps its usage. */
  quotaSubject: z.string(),
  limits: z.array(planLimitSchema),
  minIntervalMs: z.int().nonnegative(),
  jitterMs: z.int().nonnegative(),
  maxConnections: z.int().positive(),
  maxMessagesPerConnection: z.int().positive(),
  suspended: z.boolean(),
  /** Set when the route cannot be used as declared, e.g. SecretNotFound; the text names the object and the remedy. */
  blocked: z.strictObject({ reason: z.enum(REASONS), message: z.string() }).optional(),
};

const planMailboxSchema = z.strictObject({
  ...routeBase,
  kind: z.literal('Mailbox'),
  address: z.string(),
  displayName: z.string(),
  aliases: z.array(z.string()),
  /** The declared cap before reserve and warm-up, for reports. */
  cap: z.int().nonnegative(),
  warmup: planWarmupSchema.optional(),
  sendingWindow: sendingWindowSchema.optional(),
  imap: z.strictObject({ host: z.string(), port: z.int() }).optional(),
});

const planEspSchema = z.strictObject({
  ...routeBase,
  kind: z.literal('ESP'),
  weight: z.int().nonnegative(),
  from: z.strictObject({ address: z.string(), displayName: z.string() }).optional(),
  domains: z.array(z.string()),
  /** The service sends a message once however often it comes with the same key, for so long. Absent = it has no such keys. */
  idempotency: z.strictObject({ header: z.string(), ttlMs: z.int().positive() }).optional(),
});

const planStepSchema = z.strictObject({
  name: z.string(),
  delayMs: z.int().nonnegative(),
  template: z.strictObject({
    name: z.string(),
    subject: z.string(),
    text: z.string().optional(),
    html: z.string().optional(),
    variables: z.array(z.strictObject({ name: z.string(), default: z.string().optional() })),
  }),
});

const planCampaignSchema = z.strictObject({
  name: z.string(),
  steps: z.array(planStepSchema),
  from: z.strictObject({ address: z.string().optional(), displayName: z.string().optional() }),
  replyTo: z.string().optional(),
  suppressionLists: z.array(z.string()),
  startMs: z.int().optional(),
  startDeadlineMs: z.int().optional(),
  endMs: z.int().optional(),
  expireAfterMs: z.int().positive(),
  suspended: z.boolean(),
  /** Set when the campaign cannot be sent as declared, e.g. TemplateNotFound. */
  blocked: z.strictObject({ reason: z.enum(REASONS), message: z.string() }).optional(),
});

/** A limit that several routes share; see `SHARED_LIMIT_KINDS`. Each is a quota subject of its own. */
const planSharedLimitSchema = z.strictObject({
  kind: z.enum(SHARED_LIMIT_KINDS),
  quotaSubject: z.string(),
  limits: z.array(planLimitSchema),
  /** Domains of the recipients that count, with their subdomains; empty = all. */
  recipientDomains: z.array(z.string()),
  /** Organisational domain of the From that counts; empty = all. */
  senderDomain: z.string(),
  /** For a BulkSender: from how many recipients on a person is warned, and what happens: Refuse waits at the limit, Warn only tells, Count neither. */
  guard: z.strictObject({ warnAt: z.int().positive(), mode: z.enum(['Refuse', 'Warn', 'Count']) }).optional(),
});

/** The compiled, self-contained instruction for one pool: all that a sender needs besides credentials. */
export const planSchema = z.strictObject({
  schema: z.int(),
  /** Hash of the content: two equal plans have the same revision. */
  revision: z.string(),
  namespace: z.string(),
  pool: z.string(),
  purpose: z.enum(POOL_PURPOSES),
  suspended: z.boolean(),
  uncertain: z.enum(['Report', 'Retry']),
  routing: z.strictObject({
    prefer: z.enum(['Mailboxes', 'ESPs']),
    overflow: z.enum(['ESP', 'Hold']),
    overflowReasons: z.array(z.enum(OVERFLOW_REASONS)),
  }),
  suppressionLists: z.array(z.string()),
  unsubscribe: z
    .strictObject({ baseUrl: z.string(), mailto: z.string().optional(), signingKey: secretKeySchema })
    .optional(),
  postalAddress: z.string(),
  /** Domain on the right of every Message-ID of the pool: fixed, so that an id is the same on every route and retry. */
  messageIdDomain: z.string(),
  mailboxes: z.array(planMailboxSchema),
  esps: z.array(planEspSchema),
  /** A plan of before there were any has none. */
  sharedLimits: z.array(planSharedLimitSchema).default([]),
  campaigns: z.array(planCampaignSchema),
});

export type Plan = z.infer<typeof planSchema>;
export type PlanMailbox = z.infer<typeof planMailboxSchema>;
export type PlanEsp = z.infer<typeof planEspSchema>;
export type PlanRoute = PlanMailbox | PlanEsp;
export type PlanCampaign = z.infer<typeof planCampaignSchema>;
export type PlanStep = z.infer<typeof planStepSchema>;
export type PlanAuth = z.infer<typeof planAuthSchema>;
export type PlanEndpoint = z.infer<typeof planEndpointSchema>;
export type PlanLimit = z.infer<typeof planLimitSchema>;
export type PlanSharedLimit = z.infer<typeof planSharedLimitSchema>;
export type PlanWarmup = z.infer<typeof planWarmupSchema>;

import { z } from 'zod';
import { replyClassSchema } from './outcome.ts';

/** Shape of `policy/policy.yaml`: provider profiles and reply rules. Data, versioned, reviewed. */

const retrySchema = z.strictObject({
  minSeconds: z.number().nonnegative().optional(),
  backoff: z.number().positive().optional(),
  maxSeconds: z.number().positive().optional(),
  notBefore: z.enum(['windowReset']).optional(),
  split: z.boolean().optional(),
  max: z.int().optional(),
  honour: z.string().optional(),
});

const consequenceSchema = z.strictObject({
  stop: z.enum(['untilWindowReset', 'untilCredentialChanges', 'untilHuman', 'untilDnsVerified']).optional(),
  throttle: z.strictObject({ factor: z.number().optional(), maxConnections: z.int().optional() }).optional(),
  flag: z.string().optional(),
  /** The flag is raised only after this many such replies in 24 h. */
  flagAfter: z.int().optional(),
  /** The mailbox stops until a person acts after this many such replies in 24 h. */
  stopAfter: z.int().optional(),
});

const failoverSchema = z.enum(['none', 'esp', 'any', 'onlyIfIdempotent']);

export const smtpRuleSchema = z.strictObject({
  id: z.string(),
  match: z.string(),
  class: replyClassSchema,
  scope: z.enum(['recipient', 'message', 'mailbox', 'route', 'tenant', 'sendingDomain', 'recipientDomain']),
  retry: retrySchema.nullable(),
  failover: failoverSchema,
  suppress: z.enum(['hard', 'soft']).optional(),
  mailbox: consequenceSchema.optional(),
});

export const clientErrorSchema = z.strictObject({
  class: replyClassSchema,
  retry: retrySchema.nullable(),
  failover: failoverSchema,
  unlessAfterData: replyClassSchema.optional(),
  invalidGrant: consequenceSchema.optional(),
});

export const policyDocumentSchema = z.looseObject({
  schema: z.literal('mailpolicy/v1'),
  reviewed: z.string(),
  profiles: z.record(z.string(), z.looseObject({})),
  domainGuards: z.looseObject({}),
  warmup: z.looseObject({}),
  smtpRules: z.array(smtpRuleSchema),
  clientErrors: z.record(z.string(), clientErrorSchema),
  httpRules: z.array(z.looseObject({})),
});

export type PolicyDocument = z.infer<typeof policyDocumentSchema>;
export type SmtpRule = z.infer<typeof smtpRuleSchema>;
export type ClientErrorRule = z.infer<typeof clientErrorSchema>;
export type RetrySchedule = z.infer<typeof retrySchema>;
export type MailboxConsequence = z.infer<typeof consequenceSchema>;
export type Failover = z.infer<typeof failoverSchema>;

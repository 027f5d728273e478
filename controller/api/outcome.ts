import { z } from 'zod';

/**
 * Outcome of a message. Delivered, Failed, Suppressed, Uncertain and Cancelled are terminal; Deferred waits for its next attempt.
 * Uncertain = handed over, end unknown; only evidence moves it on.
 */
const OUTCOMES = ['Delivered', 'Deferred', 'Failed', 'Suppressed', 'Uncertain', 'Cancelled'] as const;
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.infer<typeof outcomeSchema>;

/** Reply classes: the vocabulary of `policy.yaml`. */
const REPLY_CLASSES = [
  'accepted',
  'auth_failed',
  'auth_throttle',
  'transient',
  'config_error',
  'quota_exceeded',
  'rate_limited',
  'recipient_busy',
  'recipient_invalid',
  'recipient_full',
  'account_disabled',
  'policy_block',
  'duplicate',
  'sender_auth',
  'too_many_recipients',
  'message_rejected',
  'content_rejected',
  'receiver_policy',
  'permanent_unknown',
  'suppressed',
  'outcome_unknown',
] as const;
export const replyClassSchema = z.enum(REPLY_CLASSES);
export type ReplyClass = z.infer<typeof replyClassSchema>;

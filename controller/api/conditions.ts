import { z } from 'zod';
import { OPEN_ENUM, rfc3339Time, text } from './field.ts';
import { REASONS } from './reasons.ts';

/**
 * Conditions follow kstatus: `Ready` is always there, `Reconciling` and `Stalled` are present only while True.
 * The other types say more about one aspect; each is documented in `docs/reference/conditions.md`.
 */
export const CONDITION_TYPES = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Authenticated',
  'QuotaAvailable',
  'PolicyCompliant',
  'MailboxesResolved',
  'SendersAvailable',
  'LedgerDurable',
  'AudienceImported',
  'Complete',
] as const;

export const conditionSchema = z.strictObject({
  type: z
    .enum(CONDITION_TYPES)
    .meta({ [OPEN_ENUM]: true, maxLength: 64 })
    .describe('One of the documented condition types.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Generation of the spec that the condition speaks of.'),
  lastTransitionTime: rfc3339Time.describe('When status changed last.'),
  reason: z
    .enum(REASONS)
    .meta({ [OPEN_ENUM]: true, maxLength: 64 })
    .describe('One of the documented reasons.'),
  /** Stable: no ids, times or counters, or every write would cause the next. */
  message: text(32768).describe('For people: what is so and what to do.'),
});

/** One condition of a resource's status. */
export type Condition = z.infer<typeof conditionSchema>;
export type ConditionType = Condition['type'];

/** Annotation that has an object looked at again at once, whenever its value changes; any value does, a time is usual. */
export const RECONCILE_AT = 'mailers.io/reconcile-at';
/** A longer value of the annotation is shown as its beginning. */
export const LONGEST_RECONCILE_AT = 128;

/** The fields that every kind's status starts with. */
export const statusBase = {
  observedGeneration: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Generation of the spec that this status speaks of.'),
  lastHandledReconcileAt: text(LONGEST_RECONCILE_AT)
    .optional()
    .describe(
      `Value of the annotation ${RECONCILE_AT} that was acted on last. Changing the annotation has the object looked at again at once.`,
    ),
  conditions: z
    .array(conditionSchema)
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .optional()
    .describe('Ready, Reconciling and Stalled (kstatus) and what the kind adds.'),
};

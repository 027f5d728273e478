import { z } from 'zod';
import { statusBase } from './conditions.ts';
import {
  accountAddress,
  count,
  httpsUrl,
  keyRef,
  labelKey,
  labels,
  labelValue,
  listMap,
  listSet,
  matching,
  objectName,
  text,
  withRules,
} from './field.ts';
import { AGE_COLUMN, REASON_COLUMN, readyColumn } from './printer-column.ts';
import type { ResourceKind } from './resource-kind.ts';
import { limitStatusSchema, MOST_LIMITS_IN_STATUS, sharedLimitFields } from './shared-limits.ts';

export const POOL_PURPOSES = ['Marketing', 'Transactional'] as const;

/** Why a message may leave by its second choice. */
export const OVERFLOW_REASONS = ['QuotaExhausted', 'Unavailable', 'WindowClosed'] as const;
export type OverflowReason = (typeof OVERFLOW_REASONS)[number];

const selectorSchema = z.strictObject({
  matchLabels: labels(50).optional().describe('Labels that a Mailbox must carry, all of them.'),
  matchExpressions: z
    .array(
      withRules(
        z.strictObject({
          key: labelKey.describe('Label key.'),
          operator: z
            .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
            .describe('How the label is compared with values.'),
          values: z.array(labelValue).max(100).optional().describe('Values for In and NotIn.'),
        }),
        {
          rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
          message: 'must have values with In and NotIn, and none with Exists and DoesNotExist',
          fieldPath: '.values',
        },
      ),
    )
    .max(20)
    .optional()
    .describe('Expressions that a Mailbox must fulfil, all of them.'),
});

const quantity = matching(
  text(32, 1),
  /^[0-9]+(\.[0-9]+)?(m|k|M|G|Ki|Mi|Gi)?$/,
  'must be a quantity such as 100m or 128Mi',
);
const resourceList = z.strictObject({
  cpu: quantity.optional().describe('CPU, e.g. 100m.'),
  memory: quantity.optional().describe('Memory, e.g. 128Mi.'),
});

const poolSpecSchema = withRules(
  z.strictObject({
    purpose: z
      .enum(POOL_PURPOSES)
      .describe('Marketing needs unsubscribe and postalAddress; Transactional must not carry advertising.'),
    mailboxes: withRules(
      z.strictObject({
        selector: selectorSchema
          .optional()
          .describe('Mailboxes of the namespace by label; an empty selector selects all.'),
        names: listSet(objectName, 10_000).optional().describe('Mailboxes by name, besides those selected.'),
      }),
      {
        rule: 'has(self.selector) || (has(self.names) && self.names.size() > 0)',
        message: 'must have selector or names',
        reason: 'FieldValueRequired',
      },
    )
      .optional()
      .describe('The mailboxes of the pool. A mailbox belongs to one pool.'),
    esps: listMap(
      z.strictObject({
        name: objectName.describe('Name of an EmailServiceProvider.'),
        weight: count(0, 1000).optional().describe('Share among the providers; 0 takes it out. Default 1.'),
      }),
      'name',
      20,
    )
      .optional()
      .describe('The e-mail service providers of the pool.'),
    routing: z
      .strictObject({
        prefer: z
          .enum(['Mailboxes', 'ESPs'])
          .default('Mailboxes')
          .describe('Which kind of route is tried first. Default Mailboxes.'),
        overflow: z
          .enum(['ESP', 'Hold'])
          .default('Hold')
          .describe(
            'What happens when no mailbox can take a message: ESP sends it by a provider, Hold waits with a time. Default Hold.',
          ),
        overflowReasons: listSet(z.enum(OVERFLOW_REASONS), 3)
          .default(['QuotaExhausted', 'Unavailable'])
          .describe(
            'The reasons that count for overflow. Default QuotaExhausted and Unavailable. A policy refusal never overflows.',
          ),
      })
      .prefault({})
      .describe('How routes are chosen.'),
    ...sharedLimitFields,
    suppressionLists: listSet(objectName, 50)
      .optional()
      .describe('SuppressionLists that no message of the pool may hit.'),
    senders: z
      .strictObject({
        replicas: count(0, 1000)
          .default(1)
          .describe('Sender pods; mailboxes are shared out among them. Default 1.'),
        isolation: z
          .enum(['Shared', 'Mailbox'])
          .default('Shared')
          .describe('Mailbox gives every mailbox a Deployment of its own. Default Shared.'),
        resources: z
          .strictObject({
            requests: resourceList.optional().describe('What is set aside.'),
            limits: resourceList.optional().describe('What is allowed.'),
          })
          .optional()
          .describe('Resources of a sender pod.'),
      })
      .prefault({})
      .describe('The sender pods.'),
    unsubscribe: z
      .strictObject({
        baseUrl: httpsUrl.describe(
          'Where one-click unsubscribe (RFC 8058) is served; a signed token is appended.',
        ),
        mailto: accountAddress.optional().describe('Address for unsubscribe by mail, beside the URL.'),
        signingKeySecretRef: keyRef('Secret', 'signingKey').describe(
          'Key that signs the token. Keep it for at least 60 days after the last message.',
        ),
      })
      .optional()
      .describe('List-Unsubscribe. Required for Marketing.'),
    postalAddress: text(500)
      .optional()
      .describe('Postal address shown in every Marketing message. Required for Marketing.'),
    uncertain: z
      .enum(['Report', 'Retry'])
      .default('Report')
      .describe(
        'What happens to a message whose end is unknown and without evidence (Sent folder, idempotency key): Report leaves it Uncertain, Retry accepts a possible duplicate. Default Report.',
      ),
    suspend: z
      .boolean()
      .default(false)
      .describe('True stops the pool: no new message after one second. Default false.'),
  }),
  {
    rule: "self.purpose != 'Marketing' || has(self.unsubscribe)",
    message:
      'must have unsubscribe when purpose is Marketing (RFC 8058 one-click, required by Google and Yahoo for bulk mail)',
    reason: 'FieldValueRequired',
    fieldPath: '.unsubscribe',
  },
  {
    rule: "self.purpose != 'Marketing' || (has(self.postalAddress) && self.postalAddress != '')",
    message: 'must have postalAddress when purpose is Marketing (CAN-SPAM Act, 15 U.S.C. 7704)',
    reason: 'FieldValueRequired',
    fieldPath: '.postalAddress',
  },
  {
    rule: 'has(self.mailboxes) || (has(self.esps) && self.esps.size() > 0)',
    message: 'must have mailboxes or esps: a pool without a route cannot send',
    reason: 'FieldValueRequired',
    fieldPath: '.mailboxes',
  },
);

const total = count(0, Number.MAX_SAFE_INTEGER);

const poolStatusSchema = z.strictObject({
  ...statusBase,
  replicas: count(0, 100_000).optional().describe('Sender pods that exist.'),
  readyReplicas: count(0, 100_000).optional().describe('Sender pods that are ready.'),
  selector: text(1024).optional().describe('Label selector of the sender pods, for the scale subresource.'),
  mailboxes: count(0, 100_000).optional().describe('Mailboxes of the pool.'),
  readyMailboxes: count(0, 100_000).optional().describe('Mailboxes that can send.'),
  usage: text(64).optional().describe('Recipients in the rolling window / cap, over all mailboxes.'),
  limits: listMap(limitStatusSchema, 'name', MOST_LIMITS_IN_STATUS)
    .optional()
    .describe('Limits that mailboxes share, with their use.'),
  delivered: total.optional().describe('Messages accepted.'),
  overflow: total.optional().describe('Messages that left by an ESP because no mailbox could take them.'),
  suppressed: total.optional().describe('Messages not sent because the recipient is suppressed.'),
  failed: total.optional().describe('Messages refused for good.'),
  uncertain: total.optional().describe('Messages whose end is unknown.'),
  planRevision: text(64).optional().describe('Revision of the plan that the senders read.'),
});

export type SendingPoolSpec = z.infer<typeof poolSpecSchema>;
export type SendingPoolStatus = z.infer<typeof poolStatusSchema>;
export type LabelSelector = z.infer<typeof selectorSchema>;

export const sendingPoolKind: ResourceKind<typeof poolSpecSchema, typeof poolStatusSchema> = {
  kind: 'SendingPool',
  plural: 'sendingpools',
  singular: 'sendingpool',
  shortNames: ['sp'],
  description:
    'Mailboxes, e-mail service providers and the rules that choose between them: the unit that runs as sender pods.',
  spec: poolSpecSchema,
  status: poolStatusSchema,
  scale: {
    specReplicasPath: '.spec.senders.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  printerColumns: [
    { name: 'Purpose', type: 'string', jsonPath: '.spec.purpose', description: 'Purpose.' },
    readyColumn('Does it send?'),
    {
      name: 'Senders',
      type: 'integer',
      jsonPath: '.status.readyReplicas',
      description: 'Ready sender pods.',
    },
    {
      name: 'Mailboxes',
      type: 'integer',
      jsonPath: '.status.readyMailboxes',
      description: 'Mailboxes that can send.',
    },
    {
      name: 'Used',
      type: 'string',
      jsonPath: '.status.usage',
      description: 'Used / cap over all mailboxes.',
    },
    { name: 'Delivered', type: 'integer', jsonPath: '.status.delivered', description: 'Messages accepted.' },
    {
      name: 'Overflow',
      type: 'integer',
      jsonPath: '.status.overflow',
      description: 'Messages sent by an ESP for want of a mailbox.',
    },
    {
      name: 'Suppressed',
      type: 'integer',
      jsonPath: '.status.suppressed',
      description: 'Messages held back by suppression.',
      priority: 1,
    },
    {
      name: 'Failed',
      type: 'integer',
      jsonPath: '.status.failed',
      description: 'Messages refused for good.',
      priority: 1,
    },
    REASON_COLUMN,
    AGE_COLUMN,
  ],
};

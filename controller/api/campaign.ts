import { z } from 'zod';
import { statusBase } from './conditions.ts';
import {
  accountAddress,
  count,
  keyRef,
  listMap,
  listSet,
  nameOfAtMost,
  objectName,
  objectRef,
  rfc3339Time,
  text,
  withRules,
} from './field.ts';
import { AGE_COLUMN, REASON_COLUMN, readyColumn } from './printer-column.ts';
import type { ResourceKind } from './resource-kind.ts';

const audienceSchema = withRules(
  z.strictObject({
    inline: text(200_000).optional().describe('The rows themselves, for small audiences.'),
    configMapRef: keyRef('ConfigMap', 'audience.csv').optional().describe('Rows in a ConfigMap.'),
    secretRef: keyRef('Secret', 'audience.csv').optional().describe('Rows in a Secret.'),
    file: z
      .strictObject({
        path: text(1024, 1).describe(
          'Path: relative to the manifest (mailers run) or absolute within the mounted volume (cluster).',
        ),
      })
      .optional()
      .describe('Rows in a file.'),
    format: z
      .enum(['CSV', 'NDJSON', 'JSON'])
      .default('CSV')
      .describe(
        'CSV (header line; comma, semicolon or tab; BOM and CRLF are fine), NDJSON or a JSON array of objects. Default CSV.',
      ),
    emailColumn: text(128, 1)
      .default('email')
      .describe('Column or property that holds the address. Default email.'),
  }),
  {
    rule: '[has(self.inline), has(self.configMapRef), has(self.secretRef), has(self.file)].filter(x, x).size() == 1',
    message: 'must have exactly one of inline, configMapRef, secretRef, file',
  },
);

const stepSchema = z.strictObject({
  name: nameOfAtMost(63).describe('Name of the step, unique in the campaign.'),
  templateRef: objectRef('Template').describe('What is sent.'),
  delaySeconds: count(0, 31_536_000)
    .optional()
    .describe(
      'Time after the previous step was delivered, in seconds. The first step ignores it. Default 0.',
    ),
});

const campaignSpecSchema = withRules(
  z.strictObject({
    poolRef: withRules(objectRef('SendingPool'), {
      rule: 'self == oldSelf',
      message: 'is immutable: what was sent is accounted in the pool; create another Campaign instead',
      reason: 'FieldValueForbidden',
    }).describe('The pool that sends it. Immutable.'),
    templateRef: objectRef('Template').optional().describe('What is sent, for a campaign of one message.'),
    steps: listMap(stepSchema, 'name', 20).min(1).optional().describe('A sequence of messages, in order.'),
    audience: audienceSchema.describe(
      'Who receives it. Addresses that are the same in other spelling are mailed once.',
    ),
    from: z
      .strictObject({
        address: accountAddress
          .optional()
          .describe(
            "From address where the route allows it: an ESP, or a mailbox that has it as address or alias. Default: the mailbox itself, or the ESP's from.",
          ),
        displayName: text(128).optional().describe("Name in From. Default: the route's."),
      })
      .optional()
      .describe('Who it is from.'),
    replyTo: accountAddress.optional().describe('Reply-To. Default: none, replies go to From.'),
    schedule: withRules(
      z.strictObject({
        startTime: rfc3339Time.optional().describe('Nothing is sent before. Default: at once.'),
        startingDeadlineSeconds: count(0, 31_536_000)
          .optional()
          .describe(
            'A campaign that could not begin within this time after startTime does not begin. Default: no deadline.',
          ),
        endTime: rfc3339Time
          .optional()
          .describe('What has not been sent by then is cancelled. Default: no end.'),
      }),
      {
        rule: '!has(self.startTime) || !has(self.endTime) || self.startTime < self.endTime',
        message: 'must be after startTime',
        fieldPath: '.endTime',
      },
      {
        rule: '!has(self.startingDeadlineSeconds) || has(self.startTime)',
        message: 'must not be set without startTime, which it counts from',
        fieldPath: '.startingDeadlineSeconds',
      },
    )
      .optional()
      .describe('When it runs.'),
    expireAfterSeconds: count(60, 2_592_000)
      .default(259_200)
      .describe(
        'How long a message may wait for retries after its first attempt, in seconds. Default 259200 (3 days).',
      ),
    suppressionLists: listSet(objectName, 50).optional().describe("SuppressionLists besides the pool's."),
    suspend: z
      .boolean()
      .default(false)
      .describe('True stops the campaign: no new message after one second. Default false.'),
  }),
  {
    rule: 'has(self.templateRef) != has(self.steps)',
    message: 'must have exactly one of templateRef, steps',
    reason: 'FieldValueRequired',
  },
);

const total = count(0, Number.MAX_SAFE_INTEGER);

const campaignStatusSchema = z.strictObject({
  ...statusBase,
  state: text(64).optional().describe('Importing, Sending, Waiting, Suspended, Complete …'),
  total: total.optional().describe('Messages: accepted rows times steps reached.'),
  pending: total.optional().describe('Not tried yet.'),
  inFlight: total.optional().describe('With a sender now.'),
  delivered: total.optional().describe('Accepted by a provider.'),
  deferred: total.optional().describe('Waiting for another attempt.'),
  failed: total.optional().describe('Refused for good.'),
  suppressed: total.optional().describe('Held back by suppression.'),
  uncertain: total.optional().describe('Handed over, end unknown.'),
  cancelled: total.optional().describe('Withdrawn before sending.'),
  overflow: total.optional().describe('Sent by an ESP because no mailbox could take them.'),
  rejectedRows: z
    .strictObject({
      invalid: total.optional().describe('Rows without a usable address.'),
      duplicate: total.optional().describe('Rows whose address was there before, in any spelling.'),
    })
    .optional()
    .describe('Audience rows that became no message.'),
  progress: text(64).optional().describe('Percentage for the printer column.'),
  nextAttemptTime: text(40).optional().describe('When the next waiting message is due.'),
  startTime: text(40).optional().describe('When the first message was claimed.'),
  completionTime: text(40).optional().describe('When the last message reached its outcome.'),
});

export type CampaignSpec = z.infer<typeof campaignSpecSchema>;
export type CampaignStatus = z.infer<typeof campaignStatusSchema>;
export type AudienceSource = z.infer<typeof audienceSchema>;

export const campaignKind: ResourceKind<typeof campaignSpecSchema, typeof campaignStatusSchema> = {
  kind: 'Campaign',
  plural: 'campaigns',
  singular: 'campaign',
  shortNames: ['camp'],
  description: 'A template, or a sequence of them, sent to an audience through one pool.',
  spec: campaignSpecSchema,
  status: campaignStatusSchema,
  selectableFields: ['.spec.poolRef.name'],
  printerColumns: [
    { name: 'Pool', type: 'string', jsonPath: '.spec.poolRef.name', description: 'The pool.' },
    readyColumn('Is it well?'),
    { name: 'State', type: 'string', jsonPath: '.status.state', description: 'What it does now.' },
    {
      name: 'Progress',
      type: 'string',
      jsonPath: '.status.progress',
      description: 'Share of messages with an outcome.',
    },
    {
      name: 'Delivered',
      type: 'integer',
      jsonPath: '.status.delivered',
      description: 'Accepted by a provider.',
    },
    { name: 'Failed', type: 'integer', jsonPath: '.status.failed', description: 'Refused for good.' },
    {
      name: 'Suppressed',
      type: 'integer',
      jsonPath: '.status.suppressed',
      description: 'Held back by suppression.',
    },
    {
      name: 'Overflow',
      type: 'integer',
      jsonPath: '.status.overflow',
      description: 'Sent by an ESP for want of a mailbox.',
      priority: 1,
    },
    { name: 'Deferred', type: 'integer', jsonPath: '.status.deferred', description: 'Waiting.', priority: 1 },
    {
      name: 'Uncertain',
      type: 'integer',
      jsonPath: '.status.uncertain',
      description: 'End unknown.',
      priority: 1,
    },
    { name: 'Total', type: 'integer', jsonPath: '.status.total', description: 'Messages.', priority: 1 },
    REASON_COLUMN,
    AGE_COLUMN,
  ],
};

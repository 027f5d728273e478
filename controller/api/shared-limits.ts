import { z } from 'zod';
import { count, listMap, matching, rfc3339Time, text, withRules, type CelRule } from './field.ts';

/**
 * `Pool`: all that the pool sends. `RecipientDomain`: what the pool sends to a domain. `BulkSender`: what one organisational domain
 * sends to a provider that has rules for bulk senders, over all pools of the ledger.
 */
export const SHARED_LIMIT_KINDS = ['Pool', 'RecipientDomain', 'BulkSender'] as const;

/** More recipients than any one pool sends; the ledger counts up to 16 million per slot of time. */
const MOST_RECIPIENTS = 10_000_000;

const volume = {
  recipientsPerDay: count(1, MOST_RECIPIENTS).optional().describe('Recipients in any rolling 24 hours.'),
  recipientsPerHour: count(1, MOST_RECIPIENTS).optional().describe('Recipients in any rolling hour.'),
};
const HAS_VOLUME: CelRule = {
  rule: 'has(self.recipientsPerDay) || has(self.recipientsPerHour)',
  message: 'must have recipientsPerDay or recipientsPerHour',
  reason: 'FieldValueRequired',
};

const recipientDomain = matching(
  text(253, 3),
  /^[a-z\d]([-a-z\d]*[a-z\d])?(\.[a-z\d]([-a-z\d]*[a-z\d])?)+$/,
  'must be a domain in lower case such as gmail.com, an international one as xn--…',
);

/** Fields of a SendingPool for the limits that its routes share. */
export const sharedLimitFields = {
  limits: withRules(z.strictObject(volume), HAS_VOLUME)
    .optional()
    .describe(
      'What all routes of the pool together may send, providers included. When it is used up, the whole pool waits.',
    ),
  recipientDomainLimits: listMap(
    withRules(
      z.strictObject({
        domain: recipientDomain.describe(
          "Domain of the recipients, its subdomains included; gmail.com counts googlemail.com too. Other domains on the same provider's servers count by their own name.",
        ),
        ...volume,
      }),
      HAS_VOLUME,
      {
        rule: "self.domain != 'googlemail.com'",
        message: 'must be gmail.com, which counts googlemail.com too',
        fieldPath: '.domain',
      },
    ),
    'domain',
    50,
  )
    .optional()
    .describe(
      'What all routes of the pool together may send to a domain. When it is used up, its messages wait; the others go on.',
    ),
  bulkSender: z
    .strictObject({
      requirementsMet: z
        .boolean()
        .default(false)
        .describe(
          'True says that you have checked what Google asks of bulk senders for every From domain of the pool: SPF and DKIM, DMARC (p=none is enough) with the From aligned, one-click unsubscribe in Marketing, TLS, forward and reverse DNS of the sending hosts. Default false.',
        ),
    })
    .optional()
    .describe(
      'For Google, who sends close to 5,000 messages within 24 hours to personal Gmail accounts is a bulk sender for ever, counted per organisational domain of the From. Marketing waits there until requirementsMet is true.',
    ),
};

/** Limits that a status names: all that a person declares fit, and the nearest of the bulk sender guards. */
export const MOST_LIMITS_IN_STATUS = 100;

const total = count(0, Number.MAX_SAFE_INTEGER);

/** One shared limit in the status of a SendingPool. */
export const limitStatusSchema = z.strictObject({
  name: text(320).describe('What is limited: pool, a domain of recipients, or bulk-sender/DOMAIN.'),
  used: total.describe('Recipients in the rolling 24 hours.'),
  recipientsPerDay: total.optional().describe('Limit in any rolling 24 hours.'),
  recipientsPerHour: total.optional().describe('Limit in any rolling hour.'),
  state: text(64).describe('QuotaAvailable, or why messages wait.'),
  nextSlotTime: rfc3339Time.optional().describe('When the next recipient fits; absent when at once.'),
});

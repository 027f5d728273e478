import { z } from 'zod';
import { statusBase } from './conditions.ts';
import { count, listMap, matching, text, withRules } from './field.ts';
import { AGE_COLUMN, MESSAGE_COLUMN, REASON_COLUMN, readyColumn } from './printer-column.ts';
import type { ResourceKind } from './resource-kind.ts';

const variableSchema = z.strictObject({
  name: matching(
    text(64, 1),
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'must be a variable name: letters, digits and "_", not beginning with a digit',
  ).describe('Name, as used in the template and as the audience column.'),
  default: text(1024)
    .optional()
    .describe('Used when the row has no value. Without a default a missing value fails that row.'),
  sample: text(1024).optional().describe('Value for the check and the preview.'),
});

const templateSpecSchema = withRules(
  z.strictObject({
    subject: text(998, 1).describe('Subject line, Liquid. At most 998 characters (RFC 5322 §2.1.1).'),
    text: text(200_000).optional().describe('Plain text body, Liquid. Default: derived from html.'),
    html: text(500_000).optional().describe('HTML body, Liquid; values are escaped.'),
    variables: listMap(variableSchema, 'name', 100)
      .optional()
      .describe(
        'The variables that the template uses. email, unsubscribeUrl and postalAddress are always there.',
      ),
  }),
  {
    rule: 'has(self.text) || has(self.html)',
    message: 'must have text or html',
    reason: 'FieldValueRequired',
  },
);

const templateStatusSchema = z.strictObject({
  ...statusBase,
  sizeBytes: count(0, 100_000_000)
    .optional()
    .describe('Size of the message rendered with the sample values.'),
});

export type TemplateSpec = z.infer<typeof templateSpecSchema>;
export type TemplateStatus = z.infer<typeof templateStatusSchema>;

export const templateKind: ResourceKind<typeof templateSpecSchema, typeof templateStatusSchema> = {
  kind: 'Template',
  plural: 'templates',
  singular: 'template',
  shortNames: ['tpl'],
  description: 'Subject, text and HTML in Liquid, personalised per recipient.',
  spec: templateSpecSchema,
  status: templateStatusSchema,
  printerColumns: [
    { name: 'Subject', type: 'string', jsonPath: '.spec.subject', description: 'Subject line.' },
    readyColumn('Does it render?'),
    {
      name: 'Bytes',
      type: 'integer',
      jsonPath: '.status.sizeBytes',
      description: 'Size with the sample values.',
    },
    REASON_COLUMN,
    MESSAGE_COLUMN,
    AGE_COLUMN,
  ],
};

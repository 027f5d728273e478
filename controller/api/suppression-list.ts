import { z } from 'zod';
import { statusBase } from './conditions.ts';
import { count, listedKeyRef, listSet, matching, text, withRules } from './field.ts';
import { AGE_COLUMN, REASON_COLUMN, readyColumn } from './printer-column.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Any address that mail can be sent to, quoted local parts included: only what is clearly none is refused. */
const suppressedAddress = withRules(text(320, 3), {
  rule: "self.contains('@')",
  message: 'must be an address such as anna@example.com; whole domains belong in domains',
});

const suppressedDomain = matching(
  text(254, 1),
  /^@?[^ @,;]+$/,
  'must be a domain such as example.com; single addresses belong in addresses',
);

/** Key of a ConfigMap with entries when a reference names none. */
export const SUPPRESSION_KEY = 'addresses.txt';

const suppressionListSpecSchema = z.strictObject({
  addresses: listSet(suppressedAddress, 10_000)
    .optional()
    .describe(
      'Addresses that must not be mailed. Matched without regard to case; Gmail addresses also without dots and +tags.',
    ),
  domains: listSet(suppressedDomain, 10_000)
    .optional()
    .describe('Domains that must not be mailed, subdomains included. A leading @ is allowed.'),
  configMapRefs: z
    .array(listedKeyRef('ConfigMap', SUPPRESSION_KEY))
    .max(50)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('ConfigMaps with one address or @domain per line (CSV: the first column); # begins a comment.'),
});

const suppressionListStatusSchema = z.strictObject({
  ...statusBase,
  declared: count(0, Number.MAX_SAFE_INTEGER).optional().describe('Entries declared by this resource.'),
  earned: count(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Entries earned at run time: hard bounces, unsubscribes, complaints.'),
});

export type SuppressionListSpec = z.infer<typeof suppressionListSpecSchema>;
export type SuppressionListStatus = z.infer<typeof suppressionListStatusSchema>;

export const suppressionListKind: ResourceKind<
  typeof suppressionListSpecSchema,
  typeof suppressionListStatusSchema
> = {
  kind: 'SuppressionList',
  plural: 'suppressionlists',
  singular: 'suppressionlist',
  shortNames: ['sl'],
  description: 'Addresses and domains that must not be mailed: declared here, and earned at run time.',
  spec: suppressionListSpecSchema,
  status: suppressionListStatusSchema,
  printerColumns: [
    readyColumn('Is it in force?'),
    { name: 'Declared', type: 'integer', jsonPath: '.status.declared', description: 'Declared entries.' },
    {
      name: 'Earned',
      type: 'integer',
      jsonPath: '.status.earned',
      description: 'Entries earned at run time.',
    },
    REASON_COLUMN,
    AGE_COLUMN,
  ],
};

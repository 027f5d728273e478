import { campaignManifest, suppressionListManifest, templateManifest } from '../manifest.ts';
import { OBJECT_NAME, letters, type InvalidManifest } from './invalid-manifest.ts';

/** And what they are made of: lists and templates. */
export const INVALID_CAMPAIGNS: readonly InvalidManifest[] = [
  {
    fault: 'a suppressed address that is none',
    manifest: suppressionListManifest({ addresses: ['a@example.com', 'example.com'] }),
    field: 'spec.addresses[1]',
    message: 'must be an address such as anna@example.com; whole domains belong in domains',
  },
  {
    fault: 'a suppressed domain that is none',
    manifest: suppressionListManifest({ domains: ['anna@example.com'] }),
    field: 'spec.domains[0]',
    message: 'must be a domain such as example.com; single addresses belong in addresses',
  },
  {
    fault: 'a template without a body',
    manifest: templateManifest({ text: undefined }),
    field: 'spec',
    message: 'must have text or html',
  },
  {
    fault: 'a template without a subject',
    manifest: templateManifest({ subject: '' }),
    field: 'spec.subject',
    message: 'must have at least 1 character, not 0',
    serverMessage: 'should be at least 1 chars long',
  },
  {
    fault: 'a variable that is no word',
    manifest: templateManifest({ variables: [{ name: 'first-name' }] }),
    field: 'spec.variables[0].name',
    message: 'must be a variable name: letters, digits and "_", not beginning with a digit',
  },
  {
    fault: 'a campaign without content',
    manifest: campaignManifest({ templateRef: undefined }),
    field: 'spec',
    message: 'must have exactly one of templateRef, steps',
  },
  {
    fault: 'a campaign with two contents',
    manifest: campaignManifest({ steps: [{ name: 'one', templateRef: { name: 'hello' } }] }),
    field: 'spec',
    message: 'must have exactly one of templateRef, steps',
  },
  {
    fault: 'an audience from two places',
    manifest: campaignManifest({ audience: { inline: 'email', file: { path: 'a.csv' } } }),
    field: 'spec.audience',
    message: 'must have exactly one of inline, configMapRef, secretRef, file',
  },
  {
    fault: 'a step name that is too long',
    manifest: campaignManifest({
      templateRef: undefined,
      steps: [{ name: letters(64), templateRef: { name: 'hello' } }],
    }),
    field: 'spec.steps[0].name',
    message: 'must have at most 63 characters, not 64',
    serverMessage: 'may not be more than 63 bytes',
  },
  {
    fault: 'a campaign that ends before it begins',
    manifest: campaignManifest({
      schedule: { startTime: '2026-11-24T10:00:00+02:00', endTime: '2026-11-24T08:00:00Z' },
    }),
    field: 'spec.schedule.endTime',
    message: 'must be after startTime',
  },
  {
    fault: 'a deadline that counts from nothing',
    manifest: campaignManifest({ schedule: { startingDeadlineSeconds: 60 } }),
    field: 'spec.schedule.startingDeadlineSeconds',
    message: 'must not be set without startTime, which it counts from',
  },
  {
    fault: 'a time without a zone',
    manifest: campaignManifest({ schedule: { startTime: '2026-11-24T10:00:00' } }),
    field: 'spec.schedule.startTime',
    message: 'must be an RFC 3339 time such as 2026-11-24T09:00:00Z',
    serverMessage: 'must be of type date-time: "2026-11-24T10:00:00"',
  },
  {
    fault: 'a name that cannot exist',
    manifest: campaignManifest({}, 'Launch'),
    field: 'metadata.name',
    message: OBJECT_NAME,
    serverMessage: 'a lowercase RFC 1123 subdomain must consist of',
  },
];

import {
  campaignManifest,
  espManifest,
  mailboxManifest,
  poolManifest,
  suppressionListManifest,
  templateManifest,
  type Manifest,
} from './manifest.ts';

const secretRef = { name: 'anna' };

/** Manifests that must be accepted, at the edges of what is allowed. */
export const VALID_MANIFESTS: readonly (readonly [what: string, manifest: Manifest])[] = [
  ['a mailbox with nothing but what is required', mailboxManifest()],
  [
    'a mailbox at the documented limit with every field',
    mailboxManifest({
      provider: 'Gmail',
      displayName: '😀'.repeat(128),
      auth: { oauth2: { secretRef } },
      smtp: { host: '127.0.0.1', port: 1025, tls: 'StartTls', caSecretRef: { name: 'ca' } },
      imap: { host: '::1'.replace('::', '0::'), port: 993 },
      aliases: ['a.b+c@sub.example.co.uk', 'jürgen@bücher.example'],
      quota: { recipientsPerDay: 500, recipientsPerHour: 50, reservePercent: 90 },
      pacing: { minIntervalSeconds: 1 },
      warmup: { startDate: '2028-02-29' },
      sendingWindow: { timeZone: 'Etc/GMT+5', days: ['Sunday'], startTime: '00:00', endTime: '24:00' },
      suspend: true,
    }),
  ],
  [
    'a mailbox with fields that are empty',
    mailboxManifest({ quota: null, suspend: null, displayName: null, sendingWindow: { days: null } }),
  ],
  [
    'a generic SMTP mailbox with a cap beyond every provider',
    mailboxManifest({
      provider: 'SMTP',
      auth: { password: { secretRef } },
      smtp: { host: 'mail.example.com' },
      quota: { recipientsPerDay: 100_000 },
      warmup: {},
    }),
  ],
  ['a provider without a host of its own', espManifest({ provider: 'Postmark', smtp: undefined })],
  [
    'a provider with every field',
    espManifest({
      from: { address: 'news@example.com', displayName: 'News' },
      domains: ['example.com', 'example.org'],
      quota: { recipientsPerDay: 100_000_000 },
      messagesPerSecond: 1000,
      maxConnections: 1,
    }),
  ],
  ['a pool with nothing but what is required', poolManifest()],
  [
    'a marketing pool with every field',
    poolManifest({
      purpose: 'Marketing',
      mailboxes: {
        selector: {
          matchLabels: { team: 'growth', 'example.com/tier': '' },
          matchExpressions: [
            { key: 'team', operator: 'In', values: ['growth'] },
            { key: 'old', operator: 'DoesNotExist' },
          ],
        },
        names: Array.from({ length: 10_000 }, (_, n) => `mailbox-${n}`),
      },
      esps: [{ name: 'relay' }, { name: 'other.one', weight: 0 }],
      routing: { overflow: 'ESP' },
      limits: { recipientsPerDay: 10_000_000, recipientsPerHour: 1 },
      recipientDomainLimits: Array.from({ length: 50 }, (_, n) => ({
        domain: n === 0 ? 'gmail.com' : `xn--d${n}a.example`,
        recipientsPerHour: 100,
      })),
      bulkSender: { requirementsMet: true },
      suppressionLists: ['blocked'],
      senders: { resources: { requests: { cpu: '100m', memory: '1.5Gi' } } },
      unsubscribe: {
        baseUrl: 'https://example.com/u',
        mailto: 'unsubscribe@example.com',
        signingKeySecretRef: { name: 'key' },
      },
      postalAddress: '1 Street, Town',
      uncertain: 'Retry',
    }),
  ],
  ['a pool of providers only', poolManifest({ mailboxes: undefined, esps: [{ name: 'relay' }] })],
  ['an empty suppression list', suppressionListManifest({ addresses: undefined })],
  [
    'a long suppression list',
    suppressionListManifest({
      addresses: [
        '"quoted local"@example.com',
        ...Array.from({ length: 9_999 }, (_, n) => `person-${n}@example.com`),
      ],
      domains: ['@example.org', 'bücher.example'],
      configMapRefs: [{ name: 'more' }, { name: 'more' }],
    }),
  ],
  [
    'a template with variables',
    templateManifest({
      html: '<p>{{ a }}</p>',
      variables: [
        { name: 'a', default: '' },
        { name: '_b', sample: 'x' },
      ],
    }),
  ],
  ['a campaign with nothing but what is required', campaignManifest()],
  [
    'a campaign with every field',
    campaignManifest({
      templateRef: undefined,
      steps: [
        { name: 'one', templateRef: { name: 'hello' } },
        { name: 'two', templateRef: { name: 'hello' }, delaySeconds: 60 },
      ],
      audience: { configMapRef: { name: 'people' }, format: 'NDJSON', emailColumn: 'E-Mail' },
      from: { displayName: 'News' },
      replyTo: 'anna@example.com',
      schedule: {
        startTime: '2026-11-24T10:00:00.5+02:00',
        startingDeadlineSeconds: 0,
        endTime: '2026-11-24T09:00:00Z',
      },
      expireAfterSeconds: 60,
      suppressionLists: ['blocked'],
      suspend: true,
    }),
  ],
];

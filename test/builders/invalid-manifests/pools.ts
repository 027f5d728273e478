import { espManifest, poolManifest } from '../manifest.ts';
import { OBJECT_NAME, type InvalidManifest } from './invalid-manifest.ts';

const marketing = {
  purpose: 'Marketing',
  unsubscribe: { baseUrl: 'https://example.com/u', signingKeySecretRef: { name: 'key' } },
  postalAddress: '1 Street, Town',
};

export const INVALID_PROVIDERS: readonly InvalidManifest[] = [
  {
    fault: 'an SES account without its region',
    manifest: espManifest({ provider: 'SES', smtp: undefined }),
    field: 'spec.smtp',
    message: 'must have smtp.host when provider is SMTP or SES',
  },
  {
    fault: 'a rate of nothing',
    manifest: espManifest({ messagesPerSecond: 0 }),
    field: 'spec.messagesPerSecond',
    message: 'must be a whole number from 1 to 1,000, not 0',
    serverMessage: 'should be greater than or equal to 1',
  },
  {
    fault: 'a host with a scheme',
    manifest: espManifest({ smtp: { host: 'smtp://example.com' } }),
    field: 'spec.smtp.host',
    message: 'must be a host name or an IP address',
  },
  {
    fault: 'a Secret key with a slash',
    manifest: espManifest({ auth: { secretRef: { name: 'relay', usernameKey: 'a/b' } } }),
    field: 'spec.auth.secretRef.usernameKey',
    message: 'must be a Secret or ConfigMap key: letters, digits, "-", "_" and "."',
  },
];

export const INVALID_POOLS: readonly InvalidManifest[] = [
  {
    fault: 'marketing without unsubscribe',
    manifest: poolManifest({ ...marketing, unsubscribe: undefined }),
    field: 'spec.unsubscribe',
    message:
      'must have unsubscribe when purpose is Marketing (RFC 8058 one-click, required by Google and Yahoo for bulk mail)',
  },
  {
    fault: 'marketing with an empty postal address',
    manifest: poolManifest({ ...marketing, postalAddress: '' }),
    field: 'spec.postalAddress',
    message: 'must have postalAddress when purpose is Marketing (CAN-SPAM Act, 15 U.S.C. 7704)',
  },
  {
    fault: 'an unsubscribe page without TLS',
    manifest: poolManifest({
      unsubscribe: { baseUrl: 'http://example.com/u', signingKeySecretRef: { name: 'key' } },
    }),
    field: 'spec.unsubscribe.baseUrl',
    message: 'must be an https URL without "?" and "#", such as https://mail.example.com/unsubscribe',
  },
  {
    fault: 'a pool without a route',
    manifest: poolManifest({ mailboxes: undefined, esps: [] }),
    field: 'spec.mailboxes',
    message: 'must have mailboxes or esps: a pool without a route cannot send',
  },
  {
    fault: 'mailboxes neither selected nor named',
    manifest: poolManifest({ mailboxes: { names: [] } }),
    field: 'spec.mailboxes',
    message: 'must have selector or names',
  },
  {
    fault: 'a provider that is there twice',
    manifest: poolManifest({ esps: [{ name: 'relay' }, { name: 'relay', weight: 2 }] }),
    field: 'spec.esps[1]',
    message: 'must be unique in its list, "relay" is there twice',
    serverMessage: 'Duplicate value: {"name":"relay"}',
  },
  {
    fault: 'a weight below nothing',
    manifest: poolManifest({ esps: [{ name: 'relay', weight: -1 }] }),
    field: 'spec.esps[0].weight',
    message: 'must be a whole number from 0 to 1,000, not -1',
    serverMessage: 'should be greater than or equal to 0',
  },
  {
    fault: 'a mailbox name that cannot exist',
    manifest: poolManifest({ mailboxes: { names: ['anna', 'b..n'] } }),
    field: 'spec.mailboxes.names[1]',
    message: OBJECT_NAME,
  },
  {
    fault: 'In without values',
    manifest: poolManifest({
      mailboxes: { selector: { matchExpressions: [{ key: 'team', operator: 'In' }] } },
    }),
    field: 'spec.mailboxes.selector.matchExpressions[0].values',
    message: 'must have values with In and NotIn, and none with Exists and DoesNotExist',
  },
  {
    fault: 'a label key that cannot exist',
    manifest: poolManifest({ mailboxes: { selector: { matchLabels: { 'team!': 'growth' } } } }),
    field: 'spec.mailboxes.selector.matchLabels',
    message: 'must have only keys that are a label key such as team or example.com/team',
  },
  {
    fault: 'a label value that cannot exist',
    manifest: poolManifest({ mailboxes: { selector: { matchLabels: { team: 'growth!' } } } }),
    field: 'spec.mailboxes.selector.matchLabels.team',
    serverField: 'spec.mailboxes.selector.matchLabels[team]',
    message: 'must be a label value such as growth: letters, digits, "-", "_" and "."',
  },
  {
    fault: 'another word for an enumerated one',
    manifest: poolManifest({ routing: { overflow: 'esp' } }),
    field: 'spec.routing.overflow',
    message: 'must be one of ESP, Hold, not the text "esp"; did you mean ESP?',
    serverMessage: 'supported values: "ESP", "Hold"',
  },
  {
    fault: 'a limit of the pool without a number',
    manifest: poolManifest({ limits: {} }),
    field: 'spec.limits',
    message: 'must have recipientsPerDay or recipientsPerHour',
  },
  {
    fault: 'a limit of nothing for a domain',
    manifest: poolManifest({ recipientDomainLimits: [{ domain: 'posteo.de', recipientsPerHour: 0 }] }),
    field: 'spec.recipientDomainLimits[0].recipientsPerHour',
    message: 'must be a whole number from 1 to 10,000,000, not 0',
    serverMessage: 'should be greater than or equal to 1',
  },
  {
    fault: 'a domain with a limit but without a number',
    manifest: poolManifest({ recipientDomainLimits: [{ domain: 'posteo.de' }] }),
    field: 'spec.recipientDomainLimits[0]',
    message: 'must have recipientsPerDay or recipientsPerHour',
  },
  {
    fault: 'a limit for an address instead of a domain',
    manifest: poolManifest({ recipientDomainLimits: [{ domain: '@posteo.de', recipientsPerDay: 1 }] }),
    field: 'spec.recipientDomainLimits[0].domain',
    message: 'must be a domain in lower case such as gmail.com, an international one as xn--…',
  },
  {
    fault: 'Gmail by its other name',
    manifest: poolManifest({ recipientDomainLimits: [{ domain: 'googlemail.com', recipientsPerDay: 1 }] }),
    field: 'spec.recipientDomainLimits[0].domain',
    message: 'must be gmail.com, which counts googlemail.com too',
  },
  {
    fault: 'two limits for one domain',
    manifest: poolManifest({
      recipientDomainLimits: [
        { domain: 'posteo.de', recipientsPerDay: 1 },
        { domain: 'posteo.de', recipientsPerDay: 2 },
      ],
    }),
    field: 'spec.recipientDomainLimits[1]',
    message: 'must be unique in its list, "posteo.de" is there twice',
    serverMessage: 'Duplicate value: {"domain":"posteo.de"}',
  },
  {
    fault: 'a quantity of no known unit',
    manifest: poolManifest({ senders: { resources: { limits: { memory: '128MB' } } } }),
    field: 'spec.senders.resources.limits.memory',
    message: 'must be a quantity such as 100m or 128Mi',
  },
];

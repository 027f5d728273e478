import { mailboxManifest } from '../manifest.ts';
import { OBJECT_NAME, letters, type InvalidManifest } from './invalid-manifest.ts';

const ADDRESS = 'must be an e-mail address such as anna@example.com';
const TIME_OF_DAY = 'must be a time of day such as 09:30';

const secretRef = { name: 'anna' };

export const INVALID_MAILBOXES: readonly InvalidManifest[] = [
  ...(
    [
      [
        'Gmail',
        501,
        'must be at most 500 for provider Gmail (Gmail sending limits, support.google.com/mail/answer/22839)',
      ],
      [
        'GoogleWorkspace',
        5000,
        'must be at most 2,000 for provider GoogleWorkspace (Google Workspace sending limits, support.google.com/a/answer/166852)',
      ],
      [
        'GoogleWorkspaceTrial',
        501,
        'must be at most 500 for provider GoogleWorkspaceTrial (Google Workspace trial limits, support.google.com/a/answer/166852)',
      ],
    ] as const
  ).map(([provider, recipientsPerDay, message]) => ({
    fault: `a cap above the documented limit of ${provider}`,
    manifest: mailboxManifest({ provider, quota: { recipientsPerDay } }),
    field: 'spec.quota.recipientsPerDay',
    message,
  })),
  {
    fault: 'a cap above the documented limit of Microsoft365',
    manifest: mailboxManifest({
      provider: 'Microsoft365',
      auth: { oauth2: { secretRef } },
      quota: { recipientsPerDay: 10_001 },
    }),
    field: 'spec.quota.recipientsPerDay',
    message:
      'must be at most 10,000 for provider Microsoft365 (Exchange Online limits, learn.microsoft.com/office365/servicedescriptions)',
  },
  {
    fault: 'no way to log in',
    manifest: mailboxManifest({ auth: {} }),
    field: 'spec.auth',
    message: 'must have exactly one of appPassword, password, oauth2, serviceAccount',
  },
  {
    fault: 'two ways to log in',
    manifest: mailboxManifest({ auth: { appPassword: { secretRef }, oauth2: { secretRef } } }),
    field: 'spec.auth',
    message: 'must have exactly one of appPassword, password, oauth2, serviceAccount',
  },
  {
    fault: 'a plain password at Google',
    manifest: mailboxManifest({ auth: { password: { secretRef } } }),
    field: 'spec.auth',
    message:
      'must not use a plain password with Google or Microsoft: use appPassword, oauth2 or serviceAccount',
  },
  {
    fault: 'an app password at Microsoft',
    manifest: mailboxManifest({ provider: 'Microsoft365' }),
    field: 'spec.auth',
    message: 'must use oauth2 with Microsoft365: app passwords are not accepted for SMTP',
  },
  {
    fault: 'a service account for a consumer account',
    manifest: mailboxManifest({ provider: 'Gmail', auth: { serviceAccount: { secretRef } } }),
    field: 'spec.auth',
    message: 'must not use serviceAccount except with Google Workspace (domain-wide delegation)',
  },
  {
    fault: 'a generic SMTP account without a host',
    manifest: mailboxManifest({ provider: 'SMTP', smtp: { port: 587 } }),
    field: 'spec.smtp',
    message: 'must have smtp.host when provider is SMTP',
  },
  {
    fault: 'an address without @',
    manifest: mailboxManifest({ address: 'anna' }),
    field: 'spec.address',
    message: ADDRESS,
  },
  {
    fault: 'an address without a top-level domain',
    manifest: mailboxManifest({ address: 'anna@localhost' }),
    field: 'spec.address',
    message: ADDRESS,
  },
  {
    fault: 'an address with a line end',
    manifest: mailboxManifest({ address: 'anna@example.com\r\n' }),
    field: 'spec.address',
    message: ADDRESS,
  },
  {
    fault: 'an address with a name around it',
    manifest: mailboxManifest({ address: 'Anna <anna@example.com>' }),
    field: 'spec.address',
    message: ADDRESS,
  },
  {
    fault: 'an address that is too long',
    manifest: mailboxManifest({ address: `${letters(250)}@a.com` }),
    field: 'spec.address',
    message: 'must have at most 254 characters, not 256',
    serverMessage: 'may not be more than 254 bytes',
  },
  {
    fault: 'a name of 129 characters, each of two UTF-16 units',
    manifest: mailboxManifest({ displayName: '😀'.repeat(129) }),
    field: 'spec.displayName',
    message: 'must have at most 128 characters, not 129',
    serverMessage: 'may not be more than 128 bytes',
  },
  {
    fault: 'an unknown provider',
    manifest: mailboxManifest({ provider: 'GoogleWorkspaces' }),
    field: 'spec.provider',
    message:
      'must be one of GoogleWorkspace, GoogleWorkspaceTrial, Gmail, Microsoft365, SMTP, not the text "GoogleWorkspaces"; did you mean GoogleWorkspace?',
    serverMessage:
      'supported values: "GoogleWorkspace", "GoogleWorkspaceTrial", "Gmail", "Microsoft365", "SMTP"',
  },
  {
    fault: 'a missing address',
    manifest: mailboxManifest({ address: undefined }),
    field: 'spec.address',
    message: `is required: an e-mail address such as anna@example.com`,
    serverMessage: 'Required value',
  },
  {
    fault: 'a cap of nothing',
    manifest: mailboxManifest({ quota: { recipientsPerDay: 0 } }),
    field: 'spec.quota.recipientsPerDay',
    message: 'must be a whole number from 1 to 100,000, not 0',
    serverMessage: 'should be greater than or equal to 1',
  },
  {
    fault: 'a cap that is no whole number',
    manifest: mailboxManifest({ quota: { recipientsPerDay: 1.5 } }),
    field: 'spec.quota.recipientsPerDay',
    message: 'must be a whole number from 1 to 100,000, not 1.5',
    serverMessage: 'must be of type integer',
  },
  {
    fault: 'a number in quotes',
    manifest: mailboxManifest({ quota: { reservePercent: '10' } }),
    field: 'spec.quota.reservePercent',
    message: 'must be a whole number from 0 to 90, not the text "10"; remove the quotes',
    serverMessage: 'must be of type integer',
  },
  {
    fault: 'a field that is spelled wrong',
    manifest: mailboxManifest({ quota: { recipientPerDay: 10 } }),
    field: 'spec.quota.recipientPerDay',
    message: 'is not a field of spec.quota; did you mean recipientsPerDay?',
    serverMessage: 'unknown field "spec.quota.recipientPerDay"',
  },
  {
    fault: 'an alias that is there twice',
    manifest: mailboxManifest({ aliases: ['a@example.com', 'b@example.com', 'a@example.com'] }),
    field: 'spec.aliases[2]',
    message: 'must be unique in its list, "a@example.com" is there twice',
    serverMessage: 'Duplicate value',
  },
  {
    fault: 'a window that ends before it begins',
    manifest: mailboxManifest({ sendingWindow: { startTime: '18:00' } }),
    field: 'spec.sendingWindow.endTime',
    message: 'must be after startTime',
  },
  {
    fault: 'a time of day in another form',
    manifest: mailboxManifest({ sendingWindow: { endTime: '24:30' } }),
    field: 'spec.sendingWindow.endTime',
    message: TIME_OF_DAY,
  },
  {
    fault: 'a window without days',
    manifest: mailboxManifest({ sendingWindow: { days: [] } }),
    field: 'spec.sendingWindow.days',
    message: 'must have at least 1 item, not 0',
    serverMessage: 'should have at least 1 items',
  },
  {
    fault: 'a time zone with spaces',
    manifest: mailboxManifest({ sendingWindow: { timeZone: 'Berlin time' } }),
    field: 'spec.sendingWindow.timeZone',
    message: 'must be an IANA time zone such as Europe/Berlin',
  },
  {
    fault: 'a day that does not exist',
    manifest: mailboxManifest({ warmup: { startDate: '2027-02-29' } }),
    field: 'spec.warmup.startDate',
    message: 'must be a date such as 2026-11-24',
    serverMessage: 'must be of type date: "2027-02-29"',
  },
  {
    fault: 'a Secret name that cannot exist',
    manifest: mailboxManifest({ auth: { appPassword: { secretRef: { name: 'Anna' } } } }),
    field: 'spec.auth.appPassword.secretRef.name',
    message: OBJECT_NAME,
  },
  {
    fault: 'a port that does not exist',
    manifest: mailboxManifest({ smtp: { port: 65_536 } }),
    field: 'spec.smtp.port',
    message: 'must be a whole number from 1 to 65,535, not 65536',
    serverMessage: 'should be less than or equal to 65535',
  },
];

import { describe, expect, it } from 'vitest';
import type { MailboxSpec } from '../../../../controller/api/mailbox.ts';
import type { PlanMailbox } from '../../../../controller/api/plan.ts';
import type { ResourceSet } from '../../../../controller/api/resource.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import type { Problem } from '../../../../controller/domain/compile/problem.ts';
import { mailboxQuotaSubject } from '../../../../controller/domain/compile/mailbox-route.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import { aMailbox, aResourceSet } from '../../../builders/resource.ts';

const policy = projectPolicy();
const DAY_MS = 86_400_000;

/** Compiles anna with a changed spec; gives her route and the problems. */
function compiled(
  spec: Partial<MailboxSpec> = {},
  set: Partial<ResourceSet> = {},
): { route: PlanMailbox; problems: readonly Problem[] } {
  const resources = aResourceSet({ mailboxes: [aMailbox('anna', { spec })], ...set });
  const { plans, problems } = compile(resources, policy);
  const route = plans[0]?.mailboxes[0];
  if (route === undefined) throw new Error('the pool has no mailbox');
  return { route, problems };
}

const window = {
  timeZone: 'Europe/Berlin',
  days: ['Monday' as const],
  startTime: '09:00',
  endTime: '17:00',
  spread: 'Even' as const,
};

describe('a mailbox as a route', () => {
  it('takes everything that the manifest leaves open from the provider', () => {
    expect(compiled().route).toEqual({
      kind: 'Mailbox',
      route: 'mailbox/anna',
      name: 'anna',
      provider: 'GoogleWorkspace',
      address: 'anna@example.com',
      displayName: '',
      aliases: [],
      endpoint: { host: 'smtp.gmail.com', port: 465, tls: 'Implicit' },
      auth: {
        method: 'AppPassword',
        user: 'anna@example.com',
        secret: { name: 'anna-login', key: 'appPassword' },
      },
      quotaSubject: mailboxQuotaSubject('anna@example.com'),
      cap: 1500,
      limits: [{ name: 'Day', windowMs: DAY_MS, recipients: 1500 }],
      minIntervalMs: 2000,
      jitterMs: 0,
      maxConnections: 2,
      maxMessagesPerConnection: 50,
      suspended: false,
      imap: { host: 'imap.gmail.com', port: 993 },
    });
  });

  it('takes the manifest’s word over the provider’s', () => {
    const { route, problems } = compiled({
      displayName: 'Anna',
      aliases: ['a@example.com'],
      smtp: { host: '127.0.0.1', port: 2525, tls: 'StartTls' },
      imap: { host: '127.0.0.2', port: 1993 },
      quota: { recipientsPerDay: 101, recipientsPerHour: 10, reservePercent: 29 },
      pacing: { minIntervalSeconds: 0, jitterSeconds: 3 },
      warmup: { startRecipientsPerDay: 20, growthPercentPerDay: 30, startDate: '2026-11-01' },
      sendingWindow: window,
      suspend: true,
    });
    expect(problems).toEqual([]);
    expect(route).toMatchObject({
      displayName: 'Anna',
      aliases: ['a@example.com'],
      endpoint: { host: '127.0.0.1', port: 2525, tls: 'StartTls' },
      imap: { host: '127.0.0.2', port: 1993 },
      cap: 101,
      limits: [
        { name: 'Day', windowMs: DAY_MS, recipients: 71 },
        { name: 'Hour', windowMs: 3_600_000, recipients: 10 },
      ],
      minIntervalMs: 0,
      jitterMs: 3000,
      warmup: { startRecipientsPerDay: 20, growthPercentPerDay: 30, startMs: Date.UTC(2026, 10, 1) },
      sendingWindow: window,
      suspended: true,
    });
  });

  it.each([
    [{ port: 465 }, { port: 465, tls: 'Implicit' }],
    [{ port: 587 }, { port: 587, tls: 'StartTls' }],
    [{ port: 2525 }, { port: 2525, tls: 'StartTls' }],
    [{ tls: 'StartTls' as const }, { port: 587, tls: 'StartTls' }],
    [
      { port: 2465, tls: 'Implicit' as const },
      { port: 2465, tls: 'Implicit' },
    ],
    [{}, { port: 465, tls: 'Implicit' }],
  ])('completes the endpoint %j to %j', (smtp, endpoint) => {
    expect(compiled({ smtp }).route.endpoint).toMatchObject(endpoint);
  });

  it('leaves the first day of the ramp to the ledger when the manifest names none', () => {
    const { route } = compiled({ warmup: { startRecipientsPerDay: 20, growthPercentPerDay: 30 } });
    expect(route.warmup).toEqual({ startRecipientsPerDay: 20, growthPercentPerDay: 30 });
  });

  it('uses the standard IMAP port for a host of one’s own', () => {
    const spec = {
      provider: 'SMTP',
      smtp: { host: 'mail.example.com' },
      auth: { password: { secretRef: { name: 'anna-login', key: 'appPassword' } } },
      imap: { host: 'imap.example.com' },
    } as const;
    expect(compiled(spec).route).toMatchObject({
      imap: { host: 'imap.example.com', port: 993 },
      auth: { method: 'Password' },
    });
    const { imap: _imap, ...withoutImap } = spec;
    expect(compiled(withoutImap).route).not.toHaveProperty('imap');
  });
});

describe('logging in by OAuth 2', () => {
  const secrets = [
    { namespace: 'mail', name: 'oauth', keys: ['clientId', 'clientSecret', 'refreshToken'] },
    { namespace: 'mail', name: 'robot', keys: ['key.json'] },
    { namespace: 'mail', name: 'relay-login' },
  ];

  it('knows Google’s token service', () => {
    const { route, problems } = compiled({ auth: { oauth2: { secretRef: { name: 'oauth' } } } }, { secrets });
    expect(problems).toEqual([]);
    expect(route.auth).toEqual({
      method: 'OAuth2',
      user: 'anna@example.com',
      secretName: 'oauth',
      tokenUrl: 'https://oauth2.googleapis.com/token',
    });
  });

  it('acts as the address by a service account', () => {
    const auth = { serviceAccount: { secretRef: { name: 'robot', key: 'key.json' } } };
    const { route, problems } = compiled({ auth }, { secrets });
    expect(problems).toEqual([]);
    expect(route.auth).toEqual({
      method: 'ServiceAccount',
      user: 'anna@example.com',
      secret: { name: 'robot', key: 'key.json' },
      scope: 'https://mail.google.com/',
    });
  });

  it.each([
    ['spec.auth.oauth2', { oauth2: { secretRef: { name: 'oauth' } } }],
    ['spec.auth.serviceAccount', { serviceAccount: { secretRef: { name: 'robot', key: 'key.json' } } }],
  ])('blocks %s for a service whose tokens nobody gives out', (field, auth) => {
    const { route, problems } = compiled(
      { provider: 'SMTP', smtp: { host: 'mail.example.com' }, auth },
      { secrets },
    );
    expect(route.blocked?.reason).toBe('Invalid');
    expect(problems).toMatchObject([{ field, message: /no token service is known for provider SMTP/ }]);
  });
});

describe('a mailbox that cannot be used', () => {
  it.each<[string, Partial<MailboxSpec>, { field: string; reason: string; message: RegExp }]>([
    [
      'its cap is above the documented limit',
      { quota: { recipientsPerDay: 5000, reservePercent: 0 } },
      {
        field: 'spec.quota.recipientsPerDay',
        reason: 'Invalid',
        message: /5000 is above the 2000 that GoogleWorkspace allows \(.*166852\)/,
      },
    ],
    [
      'the reserve leaves nothing',
      { quota: { recipientsPerDay: 1, reservePercent: 90 } },
      { field: 'spec.quota.reservePercent', reason: 'Invalid', message: /leaves nothing of the cap of 1/ },
    ],
    [
      'its ramp begins on no day',
      { warmup: { startRecipientsPerDay: 1, growthPercentPerDay: 1, startDate: '2026-02-30' } },
      { field: 'spec.warmup.startDate', reason: 'Invalid', message: /2026-02-30 is not a day/ },
    ],
    [
      'its time zone is unknown',
      { sendingWindow: { ...window, timeZone: 'Europe/Bielefeld' } },
      { field: 'spec.sendingWindow.timeZone', reason: 'Invalid', message: /not a known time zone/ },
    ],
    [
      'a generic service has no host',
      { provider: 'SMTP', smtp: {} },
      { field: 'spec.smtp.host', reason: 'Invalid', message: /set spec.smtp.host/ },
    ],
    [
      'it says no way to log in',
      { auth: {} },
      { field: 'spec.auth', reason: 'Invalid', message: /no way to log in/ },
    ],
    [
      'it is a consumer account in Workspace’s clothes',
      { address: 'anna@googlemail.com' },
      { field: 'spec.provider', reason: 'Invalid', message: /consumer Gmail account.*set provider to Gmail/ },
    ],
    [
      'its Secret is missing',
      { auth: { appPassword: { secretRef: { name: 'nowhere', key: 'appPassword' } } } },
      {
        field: 'spec.auth.appPassword.secretRef.name',
        reason: 'SecretNotFound',
        message: /Secret nowhere does not exist in namespace mail: create it with the key appPassword/,
      },
    ],
    [
      'its Secret lacks the key',
      { auth: { appPassword: { secretRef: { name: 'anna-login', key: 'other' } } } },
      {
        field: 'spec.auth.appPassword.secretRef',
        reason: 'SecretKeyNotFound',
        message: /lacks the key other/,
      },
    ],
    [
      'its Secret lacks several keys',
      { auth: { oauth2: { secretRef: { name: 'anna-login' } } } },
      {
        field: 'spec.auth.oauth2.secretRef',
        reason: 'SecretKeyNotFound',
        message: /lacks the keys clientId, clientSecret, refreshToken/,
      },
    ],
    [
      'the certificate authority’s Secret is missing',
      { smtp: { caSecretRef: { name: 'ca', key: 'ca.crt' } } },
      { field: 'spec.smtp.caSecretRef.name', reason: 'SecretNotFound', message: /Secret ca does not exist/ },
    ],
  ])('is blocked when %s', (_why, spec, expected) => {
    const { route, problems } = compiled(spec);
    const object = { kind: 'Mailbox', namespace: 'mail', name: 'anna' };
    expect(problems).toEqual([
      { object, severity: 'Error', ...expected, message: expect.stringMatching(expected.message) as string },
    ]);
    expect(route.blocked).toEqual({ reason: expected.reason, message: problems[0]?.message });
  });

  it('is blocked by its first fault and tells all of them', () => {
    const { route, problems } = compiled({
      quota: { recipientsPerDay: 5000, reservePercent: 0 },
      auth: { appPassword: { secretRef: { name: 'nowhere', key: 'appPassword' } } },
    });
    expect(route.blocked?.reason).toBe('SecretNotFound');
    expect(problems.map((problem) => problem.reason)).toEqual(['SecretNotFound', 'Invalid']);
  });

  it('is not judged by keys that nobody may read', () => {
    const secrets = [
      { namespace: 'mail', name: 'anna-login' },
      { namespace: 'mail', name: 'relay-login' },
    ];
    expect(compiled({}, { secrets }).problems).toEqual([]);
  });

  it('leaves the others alone', () => {
    const mailboxes = [aMailbox('anna'), aMailbox('zoe')];
    const { plans } = compile(aResourceSet({ mailboxes }), policy);
    expect(plans[0]?.mailboxes.map((route) => route.blocked?.reason)).toEqual([undefined, 'SecretNotFound']);
    expect(plans[0]?.campaigns[0]?.blocked).toBeUndefined();
  });
});

describe('the subject of a mailbox’s quota', () => {
  it('is the account in any spelling', () => {
    expect(mailboxQuotaSubject('An.Na+x@GoogleMail.com')).toBe(mailboxQuotaSubject('anna@gmail.com'));
    expect(mailboxQuotaSubject('a.nna@example.com')).not.toBe(mailboxQuotaSubject('anna@example.com'));
    expect(mailboxQuotaSubject('anna@example.com')).toMatch(/^mailbox:[0-9a-f]{64}$/);
  });

  it('does not change when the object is renamed', () => {
    const renamed = aMailbox('anna-2', {
      spec: {
        address: 'Anna@example.com',
        auth: { appPassword: { secretRef: { name: 'anna-login', key: 'appPassword' } } },
      },
    });
    const { plans } = compile(aResourceSet({ mailboxes: [renamed] }), policy);
    expect(plans[0]?.mailboxes[0]?.quotaSubject).toBe(mailboxQuotaSubject('anna@example.com'));
  });
});

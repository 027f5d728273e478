import { describe, expect, it } from 'vitest';
import { ESP_PROVIDERS } from '../../../../controller/api/email-service-provider.ts';
import { MAILBOX_PROVIDERS } from '../../../../controller/api/mailbox.ts';
import { espProfile, mailboxProfile } from '../../../../controller/domain/policy/provider-profile.ts';
import type { Policy } from '../../../../controller/domain/policy/policy.ts';
import { projectPolicy } from '../../../builders/policy.ts';

const policy = projectPolicy();

function withProfile(id: string, profile: NonNullable<ReturnType<Policy['profiles']['get']>>): Policy {
  return { ...policy, profiles: new Map([...policy.profiles, [id, profile]]) };
}

describe('mailbox providers', () => {
  it.each([
    {
      provider: 'GoogleWorkspace',
      host: 'smtp.gmail.com',
      expected: { tls: 'Implicit', cap: 1500, minIntervalMs: 2000, maxConnections: 2 },
      limit: 2000,
    },
    {
      provider: 'GoogleWorkspaceTrial',
      host: 'smtp.gmail.com',
      expected: { tls: 'Implicit', cap: 350, minIntervalMs: 2000, maxConnections: 2 },
      limit: 500,
    },
    {
      provider: 'Gmail',
      host: 'smtp.gmail.com',
      expected: { tls: 'Implicit', cap: 350, minIntervalMs: 10_000, maxConnections: 1 },
      limit: 500,
    },
    {
      provider: 'Microsoft365',
      host: 'smtp.office365.com',
      expected: { tls: 'StartTls', cap: 1500, minIntervalMs: 3000, maxConnections: 2 },
      limit: 10_000,
    },
    {
      provider: 'SMTP',
      host: undefined,
      expected: { tls: 'Implicit', cap: 500, minIntervalMs: 0, maxConnections: 2 },
      limit: undefined,
    },
  ] as const)('$provider has defaults below its limit of $limit', ({ provider, host, expected, limit }) => {
    const profile = mailboxProfile(policy, provider);
    expect(profile).toMatchObject({
      ...expected,
      maxMessagesPerConnection: 50,
      ports: { Implicit: 465, StartTls: 587 },
    });
    expect([profile.host, profile.capLimit?.recipientsPerDay]).toEqual([host, limit]);
  });

  it('never has a default above the documented limit', () => {
    for (const provider of MAILBOX_PROVIDERS) {
      const { cap, capLimit } = mailboxProfile(policy, provider);
      expect(cap).toBeLessThanOrEqual(capLimit?.recipientsPerDay ?? Number.POSITIVE_INFINITY);
    }
  });

  it('allows one consumer Gmail account in a pool and any number of Workspace mailboxes', () => {
    expect(mailboxProfile(policy, 'Gmail').maxMailboxesPerPool).toBe(1);
    expect(mailboxProfile(policy, 'GoogleWorkspace')).not.toHaveProperty('maxMailboxesPerPool');
  });

  it('knows where Google and Microsoft give out tokens and where their IMAP is', () => {
    expect(mailboxProfile(policy, 'GoogleWorkspaceTrial')).toMatchObject({
      imap: { host: 'imap.gmail.com', port: 993 },
      oauth2: { tokenUrl: 'https://oauth2.googleapis.com/token' },
    });
    expect(mailboxProfile(policy, 'Microsoft365').oauth2?.scope).toBe('https://outlook.office.com/SMTP.Send');
    expect(mailboxProfile(policy, 'SMTP')).not.toHaveProperty('oauth2');
  });

  it('falls back to careful house defaults for a profile that says nothing', () => {
    expect(mailboxProfile(withProfile('smtp', {}), 'SMTP')).toEqual({
      ports: { Implicit: 465, StartTls: 587 },
      tls: 'StartTls',
      cap: 500,
      minIntervalMs: 0,
      maxConnections: 1,
      maxMessagesPerConnection: 100,
    });
  });

  it('says what to do when a profile is gone', () => {
    expect(() => mailboxProfile({ ...policy, profiles: new Map() }, 'Gmail')).toThrow(
      'policy has no profile gmail-personal: add it to policy.yaml',
    );
  });
});

describe('e-mail service providers', () => {
  it.each([
    ['SES', undefined, 'Implicit'],
    ['SendGrid', 'smtp.sendgrid.net', 'Implicit'],
    ['Mailgun', 'smtp.mailgun.org', 'Implicit'],
    ['Postmark', 'smtp.postmarkapp.com', 'StartTls'],
    ['Resend', 'smtp.resend.com', 'Implicit'],
    ['Brevo', 'smtp-relay.brevo.com', 'StartTls'],
    ['SparkPost', 'smtp.sparkpostmail.com', 'StartTls'],
    ['Mailjet', 'in.mailjet.com', 'StartTls'],
    ['SMTP', undefined, 'Implicit'],
  ] as const)('%s relays at %s (%s)', (provider, host, tls) => {
    const profile = espProfile(policy, provider);
    expect([profile.host, profile.tls, profile.maxMessagesPerConnection]).toEqual([host, tls, 100]);
  });

  it('knows which take an idempotency key by SMTP', () => {
    const keyed = ESP_PROVIDERS.filter((provider) => espProfile(policy, provider).idempotency);
    expect(keyed).toEqual(['Resend']);
    expect(espProfile(policy, 'Resend').idempotency).toEqual({
      header: 'Resend-Idempotency-Key',
      ttlMs: 86_400_000,
    });
  });

  it('has a profile for every provider of the API', () => {
    expect(ESP_PROVIDERS.map((provider) => espProfile(policy, provider).ports.StartTls)).toEqual(
      ESP_PROVIDERS.map(() => 587),
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { EmailServiceProviderSpec } from '../../../../controller/api/email-service-provider.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import { anEsp, aPool, aResourceSet } from '../../../builders/resource.ts';

const policy = projectPolicy();

function compiled(spec: Partial<EmailServiceProviderSpec> = {}) {
  const set = aResourceSet({ emailServiceProviders: [anEsp('relay', { spec })] });
  const { plans, problems } = compile(set, policy);
  return { route: plans[0]?.esps[0], problems };
}

describe('an e-mail service provider as a route', () => {
  it('is paced by its rate and unlimited unless it says so', () => {
    expect(compiled().route).toEqual({
      kind: 'ESP',
      route: 'esp/relay',
      name: 'relay',
      provider: 'SMTP',
      endpoint: { host: 'relay.example.net', port: 465, tls: 'Implicit' },
      auth: {
        method: 'UserPassword',
        secretName: 'relay-login',
        usernameKey: 'username',
        passwordKey: 'password',
      },
      quotaSubject: 'esp:mail/relay',
      limits: [],
      minIntervalMs: 100,
      jitterMs: 0,
      maxConnections: 5,
      maxMessagesPerConnection: 100,
      suspended: false,
      weight: 1,
      from: { address: 'hello@example.com', displayName: '' },
      domains: [],
    });
  });

  it('knows the idempotency keys of its provider', () => {
    expect(compiled({ provider: 'Resend' }).route?.idempotency).toEqual({
      header: 'Resend-Idempotency-Key',
      ttlMs: 86_400_000,
    });
  });

  it('takes the provider’s relay when the manifest names none', () => {
    const set = aResourceSet({
      emailServiceProviders: [anEsp('relay', { spec: { provider: 'SendGrid', smtp: {} } })],
    });
    expect(compile(set, policy).plans[0]?.esps[0]?.endpoint.host).toBe('smtp.sendgrid.net');
  });

  it('keeps quota, From and domains as declared', () => {
    const { route } = compiled({
      quota: { recipientsPerDay: 1000, recipientsPerHour: 100 },
      from: { address: 'team@example.com', displayName: 'Team' },
      domains: ['Example.COM'],
      messagesPerSecond: 300,
      suspend: true,
    });
    expect(route).toMatchObject({
      limits: [
        { name: 'Day', recipients: 1000 },
        { name: 'Hour', recipients: 100 },
      ],
      from: { address: 'team@example.com', displayName: 'Team' },
      domains: ['example.com'],
      minIntervalMs: 4,
      suspended: true,
    });
  });

  it('may have no From of its own', () => {
    const { from: _from, ...spec } = anEsp('relay').spec;
    const { plans } = compile(aResourceSet({ emailServiceProviders: [{ ...anEsp('relay'), spec }] }), policy);
    expect(plans[0]?.esps[0]).not.toHaveProperty('from');
  });

  it('is blocked without its Secret', () => {
    const secretRef = { name: 'nowhere', usernameKey: 'username', passwordKey: 'password' };
    const { route, problems } = compiled({ auth: { secretRef } });
    expect(route?.blocked?.reason).toBe('SecretNotFound');
    expect(problems).toMatchObject([{ field: 'spec.auth.secretRef.name', severity: 'Error' }]);
  });

  it('may keep user name and key under one name', () => {
    const secretRef = { name: 'relay-login', usernameKey: 'token', passwordKey: 'token' };
    expect(compiled({ auth: { secretRef } }).problems[0]?.message).toMatch(/lacks the key token:/);
  });

  it('is a problem of the pool when it does not exist', () => {
    const { plans, problems } = compile(aResourceSet({ emailServiceProviders: [] }), policy);
    expect(plans[0]?.esps).toEqual([]);
    expect(problems).toMatchObject([
      { object: { kind: 'SendingPool', name: 'outreach' }, field: 'spec.esps', reason: 'ProviderNotFound' },
    ]);
  });

  it('comes in the order of names with the pool’s weight', () => {
    const set = aResourceSet({
      emailServiceProviders: [anEsp('relay'), anEsp('backup'), anEsp('third')],
      sendingPools: [
        aPool('outreach', {
          spec: {
            esps: [
              { name: 'relay', weight: 9 },
              { name: 'backup', weight: 0 },
              { name: 'third', weight: 2 },
            ],
          },
        }),
      ],
    });
    const esps = compile(set, policy).plans[0]?.esps;
    expect(esps?.map(({ route, weight }) => [route, weight])).toEqual([
      ['esp/backup', 0],
      ['esp/relay', 9],
      ['esp/third', 2],
    ]);
  });
});

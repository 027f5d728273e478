import { describe, expect, it } from 'vitest';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { sandboxConfigSchema } from '../../../controller/api/sandbox-config.ts';
import { findAccount, relayAccounts, submissionAccounts } from '../../../controller/sandbox/account.ts';

const config: SandboxConfigInput = {
  limits: { recipients: { max: 50 } },
  accounts: [
    {
      address: 'Anna@example.com',
      appPassword: 'abcd efgh ijkl mnop',
      accessTokens: ['token-1'],
      aliases: ['hello@example.com'],
      limits: { recipients: { windowSeconds: 60 } },
    },
    { address: 'token-only@example.com', accessTokens: ['token-2'] },
  ],
  relays: [{ username: 'apikey', password: 'SG.key with space' }],
};

function account(name: string, input: SandboxConfigInput = config) {
  const found = findAccount(submissionAccounts(sandboxConfigSchema.parse(input)), name);
  if (found === undefined) throw new Error(`No account ${name}.`);
  return found;
}

describe('an account of the submission service', () => {
  it('is found whatever the case of its name', () => {
    expect(account('ANNA@EXAMPLE.COM').name).toBe('Anna@example.com');
    expect(
      findAccount(submissionAccounts(sandboxConfigSchema.parse(config)), 'bob@example.com'),
    ).toBeUndefined();
  });

  it.each([
    ['abcdefghijklmnop', true],
    ['abcd efgh ijkl mnop', true],
    ['abcdefghijklmno', false],
    ['ABCDEFGHIJKLMNOP', false],
    ['', false],
  ])('takes the App Password %j: %s', (password, isTaken) => {
    expect(account('anna@example.com').isProvenBy({ password })).toBe(isTaken);
  });

  it('takes its own access tokens only', () => {
    expect(account('anna@example.com').isProvenBy({ accessToken: 'token-1' })).toBe(true);
    expect(account('anna@example.com').isProvenBy({ accessToken: 'token-2' })).toBe(false);
  });

  it('has no password when none is configured, not an empty one', () => {
    expect(account('token-only@example.com').isProvenBy({ password: '' })).toBe(false);
  });

  it('may send as itself and its aliases, and as anybody when the sender is not enforced', () => {
    expect(account('anna@example.com').maySendAs('HELLO@example.com')).toBe(true);
    expect(account('anna@example.com').maySendAs('anna@example.com')).toBe(true);
    expect(account('anna@example.com').maySendAs('bob@example.com')).toBe(false);
    expect(
      account('anna@example.com', { ...config, enforceSender: false }).maySendAs('bob@example.com'),
    ).toBe(true);
  });

  it('has its own limits over the common ones over the built-in ones', () => {
    expect(account('anna@example.com').usage.limits).toMatchObject({
      recipients: { max: 50, windowSeconds: 60, refuseAt: 'Data' },
      recipientsPerMessage: 100,
    });
  });
});

describe('a login of the relay', () => {
  it('takes its password letter by letter and sends as anybody', () => {
    const relay = findAccount(relayAccounts(sandboxConfigSchema.parse(config)), 'apikey');
    expect(relay?.isProvenBy({ password: 'SG.key with space' })).toBe(true);
    expect(relay?.isProvenBy({ password: 'SG.keywithspace' })).toBe(false);
    expect(relay?.maySendAs('anybody@example.org')).toBe(true);
  });
});

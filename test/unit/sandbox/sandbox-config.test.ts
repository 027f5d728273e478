import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { sandboxConfigSchema } from '../../../controller/api/sandbox-config.ts';

function problems(config: unknown): string[] {
  return (sandboxConfigSchema.safeParse(config).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
}

describe('the sandbox configuration', () => {
  it('can be empty', () => {
    expect(sandboxConfigSchema.parse({})).toMatchObject({
      host: '127.0.0.1',
      ports: { submissionStartTls: 0, http: 0 },
      enforceSender: true,
      keepMessages: false,
    });
  });

  it('reads as YAML', () => {
    const config = sandboxConfigSchema.parse(
      parse(`
seed: demo
accounts:
  - address: anna@acme.example
    appPassword: abcd efgh ijkl mnop
    limits: { recipients: { max: 20, refuseAt: Mail } }
recipients:
  - { match: { percent: 2.5 }, behaviour: Unknown }
  - { match: { localPart: "slow-*" }, behaviour: Slow, delayMs: 500, at: Rcpt }
  - { match: { domain: busy.example }, behaviour: Reply, reply: "450 4.2.1 Too quickly", times: 2 }
`),
    );
    expect(config.recipients.map(({ behaviour }) => behaviour)).toEqual(['Unknown', 'Slow', 'Reply']);
    expect(config.recipients[2]).toMatchObject({ at: 'Rcpt' });
  });

  it.each<[string, SandboxConfigInput, string]>([
    [
      'an account that nobody can log in to',
      { accounts: [{ address: 'anna@example.com' }] },
      'accounts.0: needs an appPassword or at least one of accessTokens, else nobody can log in',
    ],
    [
      'a rule for everybody by mistake',
      { recipients: [{ match: {}, behaviour: 'Unknown' }] },
      'recipients.0.match: needs at least one of address, localPart, domain, percent, sender',
    ],
    [
      'a recipient at MAIL FROM',
      { recipients: [{ match: { address: 'a@example.net' }, behaviour: 'DisconnectInMail' }] },
      'recipients.0.match: the recipient is not known at MAIL FROM: match by sender, and by nothing else',
    ],
    [
      'a reply that refuses nothing',
      { recipients: [{ match: { percent: 1 }, behaviour: 'Reply', reply: '250 2.0.0 OK' }] },
      'recipients.0.reply: must be a refusal such as "450 4.2.1 The user is receiving mail too quickly"',
    ],
  ])('refuses %s', (_, config, problem) => {
    expect(problems(config)).toEqual([problem]);
  });

  it('refuses a reply that would begin a second line', () => {
    const reply = '550 5.1.1 No\r\n250 yes';
    expect(problems({ recipients: [{ match: { percent: 1 }, behaviour: 'Reply', reply }] })).toContain(
      'recipients.0.reply: must be one line',
    );
  });
});

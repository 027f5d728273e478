import { describe, expect, it } from 'vitest';
import { aSandbox, greeted, send, sendingFails, wireLines } from './smtp-client.ts';

const relays = [{ username: 'apikey', password: 'SG.secret' }];
const login = { service: 'relay', user: 'apikey', password: 'SG.secret' } as const;

describe('the ESP relay', () => {
  it('takes mail from any sender under its own name and words', async () => {
    const sandbox = await aSandbox({ relays });
    const sent = await send(sandbox, { from: 'newsletter@brand.example' }, login);
    expect(sent.response).toMatch(/^250 Ok \S+$/);
    await send(sandbox, {}, { ...login, tlsMode: 'Implicit' });
    expect((await wireLines(sandbox, 2))[0]).toMatchObject({
      service: 'Relay',
      account: 'apikey',
      from: 'newsletter@brand.example',
      accepted: true,
    });
    const client = await greeted(sandbox, 'relay');
    expect(await client.say('EHLO client.example')).toContain('250-AUTH PLAIN LOGIN\r\n');
  });

  it('refuses a wrong API key, and mailbox accounts', async () => {
    const sandbox = await aSandbox({ relays });
    const error = await sendingFails(sandbox, {}, { ...login, password: 'SG.old' });
    expect(error.response).toBe('535 Authentication Credentials Invalid');
    await sendingFails(sandbox, {}, { service: 'relay' });
    expect(await wireLines(sandbox, 2)).toMatchObject([
      { kind: 'Login', service: 'Relay', account: 'apikey' },
      { kind: 'Login', account: 'anna@example.com' },
    ]);
  });

  it.each([
    ['recipients', { recipients: { max: 1 } }, '454 Throttling failure: Daily message quota exceeded.'],
    [
      'messages',
      { messages: { max: 1, windowSeconds: 600 } },
      '454 Throttling failure: Maximum sending rate exceeded.',
    ],
  ])('throttles too many %s', async (_, relayLimits, response) => {
    const sandbox = await aSandbox({ relays, relayLimits });
    await send(sandbox, {}, login);
    expect((await sendingFails(sandbox, {}, login)).response).toBe(response);
  });

  it('refuses what is too big for it', async () => {
    const sandbox = await aSandbox({ relays, relayLimits: { messageBytes: 500 } });
    const error = await sendingFails(sandbox, { text: 'x'.repeat(600) }, login);
    expect(error.response).toBe('552 5.3.4 Message too large');
  });

  it('follows the same recipient scripts, and those of its own', async () => {
    const sandbox = await aSandbox({
      relays,
      recipients: [
        { match: { localPart: 'both' }, behaviour: 'Unknown' },
        { match: { localPart: 'relay' }, service: 'Relay', behaviour: 'Full' },
      ],
    });
    expect((await sendingFails(sandbox, { to: 'both@example.net' }, login)).response).toBe(
      '550 5.1.1 User unknown',
    );
    expect((await sendingFails(sandbox, { to: 'relay@example.net' }, login)).response).toBe(
      '452 4.2.2 Mailbox full',
    );
    await sendingFails(sandbox, { to: 'both@example.net' });
    await send(sandbox, { to: 'relay@example.net' });
  });
});

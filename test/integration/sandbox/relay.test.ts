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

  describe('with idempotency keys', () => {
    const keyed = [{ username: 'apikey', password: 'SG.secret', idempotencyHeader: 'X-Key' }];
    const mail = { headers: { 'X-Key': 'k1' }, date: new Date(0) };

    it('takes a message once, however often it comes', async () => {
      const sandbox = await aSandbox({ relays: keyed });
      for (let times = 0; times < 3; times += 1)
        expect((await send(sandbox, mail, login)).response).toMatch(/^250 Ok \S+$/);
      await send(sandbox, { ...mail, headers: { 'X-Key': 'k2' } }, login);
      await send(sandbox, { ...mail, headers: {} }, login);
      expect((await wireLines(sandbox, 5)).map(({ accepted, repeated }) => [accepted, repeated])).toEqual([
        [true, undefined],
        [false, true],
        [false, true],
        [true, undefined],
        [true, undefined],
      ]);
    });

    it('knows the key of one whose 250 was lost, and not of one that was lost itself', async () => {
      const cut = (address: string, accepted: boolean) =>
        ({ match: { address }, behaviour: 'DisconnectAfterDot', accepted, times: 1 }) as const;
      const recipients = [cut('taken@example.net', true), cut('lost@example.net', false)];
      const sandbox = await aSandbox({ relays: keyed, recipients });
      const toTaken = { ...mail, to: 'taken@example.net' };
      const toLost = { headers: { 'X-Key': 'k2' }, date: new Date(0), to: 'lost@example.net' };
      for (const one of [toTaken, toLost]) await sendingFails(sandbox, one, login);
      for (const one of [toTaken, toLost]) await send(sandbox, one, login);
      expect((await wireLines(sandbox, 4)).map(({ accepted, repeated }) => [accepted, repeated])).toEqual([
        [true, undefined],
        [false, undefined],
        [false, true],
        [true, undefined],
      ]);
    });

    it('refuses another message with the same key', async () => {
      const sandbox = await aSandbox({ relays: keyed });
      await send(sandbox, mail, login);
      const error = await sendingFails(sandbox, { ...mail, text: 'Other' }, login);
      expect(error.response).toMatch(/^550 invalid_idempotent_request/);
    });

    it('forgets a key after 24 hours', async () => {
      let nowMs = 1_000;
      const sandbox = await aSandbox({ relays: keyed }, { now: () => nowMs });
      await send(sandbox, mail, login);
      nowMs += 24 * 3_600_000;
      await send(sandbox, mail, login);
      expect((await wireLines(sandbox, 2)).map(({ accepted }) => accepted)).toEqual([true, true]);
    });
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

import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ANNA,
  annasAccount,
  APP_PASSWORD,
  aSandbox,
  greeted,
  plainToken,
  send,
  sendingFails,
  wireLines,
} from './smtp-client.ts';

const withTokens = {
  accounts: [{ ...annasAccount, accessTokens: ['ya29.good'], aliases: ['hello@example.com'] }],
};

describe('TLS of the submission service', () => {
  it('begins with STARTTLS on one port and at once on the other, with a certificate that clients can verify', async () => {
    const sandbox = await aSandbox();
    await send(sandbox, {}, { tlsMode: 'StartTls' });
    await send(sandbox, {}, { tlsMode: 'Implicit' });
    expect(await wireLines(sandbox, 2)).toMatchObject([{ accepted: true }, { accepted: true }]);
    expect(new X509Certificate(sandbox.caCertificate).subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1',
    );
  });

  it('is needed before AUTH and before mail', async () => {
    const sandbox = await aSandbox();
    const socket = connectPlain(sandbox.addresses.submission.startTlsPort, '127.0.0.1').setEncoding('utf8');
    onTestFinished(() => void socket.destroy());
    const say = async (line: string) => {
      socket.write(`${line}\r\n`);
      return String((await once(socket, 'data'))[0]);
    };
    expect(String((await once(socket, 'data'))[0])).toMatch(/^220 smtp\.gmail\.com ESMTP /);
    expect(await say('EHLO client.example')).toMatch(
      /^250-smtp\.gmail\.com at your service, \[127\.0\.0\.1\]\r\n(?:250-.*\r\n)*250-STARTTLS\r\n/,
    );
    expect(await say(`AUTH PLAIN ${plainToken(ANNA, APP_PASSWORD)}`)).toMatch(
      /^530 5\.7\.0 Must issue a STARTTLS command first\./,
    );
    expect(await say(`MAIL FROM:<${ANNA}>`)).toMatch(/^530 5\.7\.0 Must issue a STARTTLS command first\./);
    expect(await wireLines(sandbox, 2)).toMatchObject([
      { kind: 'Login', command: 'AUTH', account: '' },
      { kind: 'Transaction', command: 'MAIL', from: ANNA, account: '' },
    ]);
  });

  it('keeps the identity of an earlier sandbox when told to', async () => {
    const first = await aSandbox();
    const second = await aSandbox({}, { identity: first.identity });
    expect(second.caCertificate).toBe(first.caCertificate);
    await send(second);
  });
});

describe('login to the submission service', () => {
  it.each(['PLAIN', 'LOGIN'] as const)(
    'takes an App Password with and without its spaces by AUTH %s',
    async (method) => {
      const sandbox = await aSandbox();
      await send(sandbox, {}, { method });
      await send(sandbox, {}, { method, password: annasAccount.appPassword });
      expect(await wireLines(sandbox, 2)).toMatchObject([
        { account: ANNA, accepted: true },
        { accepted: true },
      ]);
    },
  );

  it('takes an access token by AUTH XOAUTH2', async () => {
    const sandbox = await aSandbox(withTokens);
    await send(sandbox, { from: 'hello@example.com' }, { accessToken: 'ya29.good' });
    expect(await wireLines(sandbox, 1)).toMatchObject([
      { account: ANNA, from: 'hello@example.com', accepted: true },
    ]);
  });

  it('refuses a wrong password in the words of Google and logs the attempt', async () => {
    const sandbox = await aSandbox();
    const client = await greeted(sandbox);
    await client.say('EHLO client.example');
    const reply = await client.say(`AUTH PLAIN ${plainToken(ANNA, 'wrong')}`);
    expect(reply).toMatch(
      /^535-5\.7\.8 Username and Password not accepted\. For more information, go to\r\n535 5\.7\.8 {2}https:\/\/support\.google\.com\/mail\/\?p=BadCredentials /,
    );
    const error = await sendingFails(sandbox, {}, { user: 'nobody@example.com' });
    expect(error).toMatchObject({ code: 'EAUTH', responseCode: 535 });
    expect(await wireLines(sandbox, 2)).toMatchObject([
      { kind: 'Login', account: ANNA, command: 'AUTH', accepted: false },
      { kind: 'Login', account: 'nobody@example.com', from: '', rcpts: [], size: 0 },
    ]);
    expect(sandbox.wireLog.transactions()[0]?.reply).toMatch(
      /^535 5\.7\.8 Username and Password not accepted\. For/,
    );
  });

  it('explains a bad access token in a 334 before it refuses', async () => {
    const sandbox = await aSandbox(withTokens);
    const client = await greeted(sandbox);
    await client.say('EHLO client.example');
    const token = Buffer.from(`user=${ANNA}\u0001auth=Bearer ya29.expired\u0001\u0001`).toString('base64');
    const challenge = await client.say(`AUTH XOAUTH2 ${token}`);
    expect(challenge).toMatch(/^334 /);
    expect(JSON.parse(Buffer.from(challenge.slice(4), 'base64').toString())).toEqual({
      status: '400',
      schemes: 'Bearer',
      scope: 'https://mail.google.com/',
    });
    expect(sandbox.wireLog.size).toBe(0);
    expect(await client.say('')).toMatch(/^535-5\.7\.8 Username and Password not accepted/);
    expect(await wireLines(sandbox, 1)).toMatchObject([{ kind: 'Login', account: ANNA }]);
  });

  it('puts off too many logins of an account until the window has passed', async () => {
    let nowMs = 1_000_000;
    const sandbox = await aSandbox(
      { limits: { logins: { max: 2, windowSeconds: 60 } } },
      { now: () => nowMs },
    );
    await send(sandbox);
    await sendingFails(sandbox, {}, { password: 'wrong' });
    const error = await sendingFails(sandbox);
    expect(error.responseCode).toBe(454);
    expect(error.response).toMatch(/^454-4\.7\.0 Too many login attempts, please try again later\./);
    nowMs += 60_000;
    await send(sandbox);
    expect((await wireLines(sandbox, 4)).map(({ kind, accepted }) => [kind, accepted])).toEqual([
      ['Transaction', true],
      ['Login', false],
      ['Login', false],
      ['Transaction', true],
    ]);
  });

  it('refuses the sender address of somebody else, unless senders are not enforced', async () => {
    const strict = await aSandbox(withTokens);
    const error = await sendingFails(strict, { from: 'bob@example.com' });
    expect(error).toMatchObject({ responseCode: 550, command: 'MAIL FROM' });
    expect(await wireLines(strict, 1)).toMatchObject([
      { from: 'bob@example.com', command: 'MAIL', rcpts: [] },
    ]);
    const lax = await aSandbox({ enforceSender: false });
    await send(lax, { from: 'bob@example.com' });
  });
});

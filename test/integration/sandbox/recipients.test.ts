import { describe, expect, it } from 'vitest';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { ANNA, aSandbox, loggedIn, send, sendingFails, wireLines } from './smtp-client.ts';

type Rule = NonNullable<SandboxConfigInput['recipients']>[number];

const toGone = { match: { localPart: 'gone*' } };

describe('a scripted recipient', () => {
  it.each<[string, Rule, RegExp, string]>([
    [
      'is unknown',
      { ...toGone, behaviour: 'Unknown' },
      /^550-5\.1\.1 The email account that you tried to reach does not exist/,
      'RCPT',
    ],
    [
      'is full',
      { ...toGone, behaviour: 'Full' },
      /^452-4\.2\.2 The recipient's inbox is out of storage space/,
      'RCPT',
    ],
    [
      'is put off',
      { ...toGone, behaviour: 'Greylist' },
      /^451-4\.3\.0 Mail server temporarily rejected message/,
      'RCPT',
    ],
    [
      'is refused verbatim at RCPT',
      { ...toGone, behaviour: 'Reply', reply: '554 Go away, said the cat' },
      /^554 Go away, said the cat$/,
      'RCPT',
    ],
    [
      'is refused verbatim at DATA',
      { ...toGone, behaviour: 'Reply', at: 'Data', reply: '421 4.3.0 Temporary System Problem.' },
      /^421 4\.3\.0 Temporary System Problem\.$/,
      'DATA',
    ],
    [
      'is refused verbatim at the dot',
      { ...toGone, behaviour: 'Reply', at: 'Dot', reply: '550 5.7.1 Likely unsolicited mail' },
      /^550 5\.7\.1 Likely unsolicited mail$/,
      'DOT',
    ],
    [
      'whose sender is refused verbatim at MAIL FROM',
      {
        match: { sender: ANNA },
        behaviour: 'Reply',
        at: 'Mail',
        reply: '550 5.7.0 Mail Sending denied.',
        times: 1,
      },
      /^550 5\.7\.0 Mail Sending denied\.$/,
      'MAIL',
    ],
  ])('%s', async (_, rule, response, command) => {
    const sandbox = await aSandbox({ recipients: [rule] });
    const error = await sendingFails(sandbox, { to: 'gone1@example.net' });
    expect(error.response).toMatch(response);
    await send(sandbox, { to: 'there@example.net' });
    const [refused, accepted] = await wireLines(sandbox, 2);
    expect(refused).toMatchObject({ command, accepted: false });
    expect(refused?.reply).toBe(
      error.response?.replaceAll(/\r?\n\d{3}[ -]/g, ' ').replace(/^(\d{3})-/, '$1 '),
    );
    expect(accepted).toMatchObject({ command: 'DOT', accepted: true, rcpts: ['there@example.net'] });
  });

  it('misbehaves for its number of times only', async () => {
    const sandbox = await aSandbox({ recipients: [{ ...toGone, behaviour: 'Greylist', times: 2 }] });
    await sendingFails(sandbox, { to: 'gone@example.net' });
    await sendingFails(sandbox, { to: 'gone@example.net' });
    await send(sandbox, { to: 'gone@example.net' });
    expect((await wireLines(sandbox, 3)).map(({ accepted }) => accepted)).toEqual([false, false, true]);
  });

  it('leaves the other recipients of a message alone', async () => {
    const sandbox = await aSandbox({ recipients: [{ ...toGone, behaviour: 'Unknown' }] });
    const sent = await send(sandbox, { to: ['gone@example.net', 'there@example.net'] });
    expect(sent.rejected).toEqual(['gone@example.net']);
    expect(await wireLines(sandbox, 1)).toMatchObject([
      {
        rcpts: ['gone@example.net', 'there@example.net'],
        acceptedRcpts: ['there@example.net'],
        accepted: true,
      },
    ]);
  });

  it.each(['Rcpt', 'Data', 'Dot'] as const)('is slow at %s', async (at) => {
    const sandbox = await aSandbox({ recipients: [{ ...toGone, behaviour: 'Slow', delayMs: 150, at }] });
    await send(sandbox, { to: 'gone@example.net' });
    const [line] = await wireLines(sandbox, 1);
    expect((line?.endMs ?? 0) - (line?.timeMs ?? 0)).toBeGreaterThanOrEqual(140);
    expect(line?.accepted).toBe(true);
  });

  it('that is slow at the dot has got the message even if the client does not wait', async () => {
    const sandbox = await aSandbox({ recipients: [{ ...toGone, behaviour: 'Slow', delayMs: 600_000 }] });
    const client = await loggedIn(sandbox);
    await client.sayAll(`MAIL FROM:<${ANNA}>`, 'RCPT TO:<gone@example.net>', 'DATA');
    client.socket.end('Message-ID: <slow@example.com>\r\n\r\nHello\r\n.\r\n');
    expect(await wireLines(sandbox, 1)).toMatchObject([
      { accepted: true, command: 'DISCONNECT', reply: '', messageId: 'slow@example.com' },
    ]);
  });

  it('has its address on the wire log as it was written', async () => {
    const sandbox = await aSandbox();
    const addresses = ['a@xn--bcher-kva.example', '"john >@ doe"@example.net', 'Anna.Bell+tag@Example.NET'];
    const client = await loggedIn(sandbox);
    await client.say(`MAIL FROM:<${ANNA}>`);
    for (const address of addresses)
      expect(await client.say(`RCPT TO:<${address}>`)).toMatch(/^250 2\.1\.5 OK/);
    await client.say('RSET');
    expect(await wireLines(sandbox, 1)).toMatchObject([{ rcpts: addresses, acceptedRcpts: addresses }]);
  });

  it('with an address that is none is refused as Google does', async () => {
    const sandbox = await aSandbox();
    const client = await loggedIn(sandbox);
    await client.say(`MAIL FROM:<${ANNA}>`);
    expect(await client.say('RCPT TO:<no..body@example.net>')).toMatch(
      /^553 5\.1\.3 The recipient address is not a valid/,
    );
  });
});

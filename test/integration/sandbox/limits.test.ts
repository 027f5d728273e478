import { describe, expect, it } from 'vitest';
import { ANNA, annasAccount, aSandbox, loggedIn, send, sendingFails, wireLines } from './smtp-client.ts';

const DAY_MS = 86_400_000;
const DAILY_LIMIT =
  /^550-5\.4\.5 Daily user sending limit exceeded\. For more information on Gmail\r?\n550-5\.4\.5 sending limits go to\r?\n550 5\.4\.5 /;

describe('the rolling limit of recipients', () => {
  it('refuses DATA once the account has had its recipients of 24 hours, and lets it go on as they age', async () => {
    let nowMs = 1_000_000;
    const sandbox = await aSandbox({ limits: { recipients: { max: 3 } } }, { now: () => nowMs });
    await send(sandbox, { to: ['a@example.net', 'b@example.net'] });
    nowMs += DAY_MS / 2;
    await send(sandbox);
    const error = await sendingFails(sandbox);
    expect(error).toMatchObject({ responseCode: 550, command: 'DATA' });
    expect(error.response).toMatch(DAILY_LIMIT);
    nowMs += DAY_MS / 2;
    await send(sandbox, { to: ['a@example.net', 'b@example.net'] });
    await sendingFails(sandbox);
    const lines = await wireLines(sandbox, 5);
    expect(lines.map(({ accepted }) => accepted)).toEqual([true, true, false, true, false]);
    expect(lines[2]).toMatchObject({
      command: 'DATA',
      rcpts: ['r0@example.net'],
      acceptedRcpts: ['r0@example.net'],
      size: 0,
    });
    expect(lines[2]?.reply).toMatch(
      /^550 5\.4\.5 Daily user sending limit exceeded\. For more information on Gmail 5\.4\.5 sending limits go to /,
    );
  });

  it.each([
    ['Mail', 'MAIL', 'MAIL FROM'],
    ['Rcpt', 'RCPT', 'RCPT TO'],
    ['Data', 'DATA', 'DATA'],
  ] as const)('refuses at %s when told to', async (refuseAt, command, clientCommand) => {
    const sandbox = await aSandbox({ limits: { recipients: { max: 1, refuseAt } } });
    await send(sandbox);
    const error = await sendingFails(sandbox);
    expect(error.command).toBe(clientCommand);
    expect(error.response).toMatch(DAILY_LIMIT);
    expect((await wireLines(sandbox, 2))[1]).toMatchObject({ command, accepted: false });
  });

  it('never accepts more than the limit, however many connections send at once', async () => {
    const sandbox = await aSandbox({ limits: { recipients: { max: 5, refuseAt: 'Mail' } } });
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => send(sandbox)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    const lines = await wireLines(sandbox, 12);
    expect(lines.filter(({ accepted }) => accepted)).toHaveLength(5);
  });

  it('does not count a message that was not accepted', async () => {
    const sandbox = await aSandbox({
      limits: { recipients: { max: 1 } },
      recipients: [
        { match: { localPart: 'late' }, behaviour: 'Reply', at: 'Dot', reply: '451 4.3.0 Not now' },
      ],
    });
    const error = await sendingFails(sandbox, { to: 'late@example.net' });
    expect(error.responseCode).toBe(451);
    await send(sandbox);
    expect(await wireLines(sandbox, 2)).toMatchObject([
      { command: 'DOT', accepted: false },
      { accepted: true },
    ]);
  });

  it('is one per account', async () => {
    const bob = {
      address: 'bob@example.com',
      appPassword: 'abcdefghijklmnop',
      limits: { recipients: { max: 2 } },
    };
    const sandbox = await aSandbox({ limits: { recipients: { max: 1 } }, accounts: [annasAccount, bob] });
    await send(sandbox);
    await sendingFails(sandbox);
    for (const messageId of ['<b1@example.com>', '<b2@example.com>'])
      await send(sandbox, { from: bob.address, messageId }, { user: bob.address });
    await sendingFails(sandbox, { from: bob.address }, { user: bob.address });
  });
});

describe('other limits', () => {
  it('answer a burst with 421 and close the connection', async () => {
    let nowMs = 1_000_000;
    const sandbox = await aSandbox(
      { limits: { messages: { max: 2, windowSeconds: 10 } } },
      { now: () => nowMs },
    );
    const client = await loggedIn(sandbox);
    await client.sayAll(`MAIL FROM:<${ANNA}>`, 'RSET', `MAIL FROM:<${ANNA}>`, 'RSET');
    expect(await client.say(`MAIL FROM:<${ANNA}>`)).toMatch(
      /^421-4\.7\.28 Gmail has detected an unusual rate of mail/,
    );
    await client.closed();
    nowMs += 10_000;
    await send(sandbox);
    expect((await wireLines(sandbox, 4)).map(({ command }) => command)).toEqual([
      'RSET',
      'RSET',
      'MAIL',
      'DOT',
    ]);
  });

  it('refuse a recipient too many but not the message', async () => {
    const sandbox = await aSandbox({ limits: { recipientsPerMessage: 2 } });
    const sent = await send(sandbox, { to: ['a@example.net', 'b@example.net', 'c@example.net'] });
    expect(sent).toMatchObject({ accepted: ['a@example.net', 'b@example.net'], rejected: ['c@example.net'] });
    expect(await wireLines(sandbox, 1)).toMatchObject([
      {
        acceptedRcpts: ['a@example.net', 'b@example.net'],
        rcpts: ['a@example.net', 'b@example.net', 'c@example.net'],
      },
    ]);
  });

  it('refuse a message that is too big, at its end', async () => {
    const sandbox = await aSandbox({ limits: { messageBytes: 1_000 } });
    const error = await sendingFails(sandbox, { text: 'x'.repeat(2_000) });
    expect(error.response).toMatch(/^552-5\.3\.4 Your message exceeded Google's message size limits/);
    const [line] = await wireLines(sandbox, 1);
    expect(line).toMatchObject({ command: 'DOT', accepted: false, messageId: 'm0@example.com' });
    expect(line?.size).toBeGreaterThan(2_000);
  });
});

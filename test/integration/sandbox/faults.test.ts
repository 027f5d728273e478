import { describe, expect, it } from 'vitest';
import {
  ANNA,
  annasAccount,
  aSandbox,
  connected,
  control,
  loggedIn,
  send,
  sendingFails,
  wireLines,
} from './smtp-client.ts';

const bob = { address: 'bob@example.com', appPassword: 'abcdefghijklmnop' };
const asBob = { user: bob.address };

describe('a fault switched on at run time', () => {
  it('refuses the logins of one account until it is cleared', async () => {
    const sandbox = await aSandbox({ accounts: [annasAccount, bob] });
    const response = await control(sandbox, {
      action: 'SetFault',
      account: ANNA,
      fault: { kind: 'RefuseLogins' },
    });
    expect(await response.json()).toEqual({ accounts: 1 });
    expect((await sendingFails(sandbox)).responseCode).toBe(535);
    await send(sandbox, { from: bob.address }, asBob);
    await control(sandbox, { action: 'ClearFaults' });
    await send(sandbox);
    expect((await wireLines(sandbox, 3)).map(({ kind }) => kind)).toEqual([
      'Login',
      'Transaction',
      'Transaction',
    ]);
  });

  it.each([
    ['Connect', '421 4.3.0 Not today', undefined],
    ['Auth', '454 4.7.0 Cannot authenticate due to temporary system problem.', 'AUTH'],
    ['Mail', '421 4.7.0 Try again later, closing connection.', 'MAIL'],
    ['Rcpt', '450 4.2.1 Peak SMTP relay limit exceeded', 'RCPT'],
    ['Data', '451 4.3.0 Mail server temporarily rejected message', 'DATA'],
    ['Dot', '421 4.4.5 Server busy, try again later.', 'DOT'],
  ] as const)('replies verbatim at %s', async (at, reply, command) => {
    const sandbox = await aSandbox();
    await control(sandbox, {
      action: 'SetFault',
      service: 'Submission',
      fault: { kind: 'Reply', at, reply },
    });
    expect((await sendingFails(sandbox)).response).toBe(reply);
    await control(sandbox, { action: 'ClearFaults', service: 'Submission' });
    await send(sandbox);
    const lines = await wireLines(sandbox, command === undefined ? 1 : 2);
    expect(lines.map((line) => line.command)).toEqual(command === undefined ? ['DOT'] : [command, 'DOT']);
  });

  it('ends by itself', async () => {
    const sandbox = await aSandbox();
    const fault = { kind: 'Reply', reply: '451 4.3.0 Later' };
    await control(sandbox, { action: 'SetFault', fault, forSeconds: 0.05 });
    await expect
      .poll(() =>
        send(sandbox).then(
          () => 'accepted',
          () => 'refused',
        ),
      )
      .toBe('accepted');
  });

  it('hangs the commands of one account and answers them when it ends', async () => {
    const sandbox = await aSandbox({ accounts: [annasAccount, bob] });
    const client = await loggedIn(sandbox);
    await control(sandbox, { action: 'SetFault', account: ANNA, fault: { kind: 'Hang' } });
    const order: string[] = [];
    const reply = client.say(`MAIL FROM:<${ANNA}>`).then((text) => order.push(text.slice(0, 9)));
    await send(sandbox, { from: bob.address }, asBob);
    order.push('Bob has sent');
    await control(sandbox, { action: 'ClearFaults' });
    await reply;
    expect(order).toEqual(['Bob has sent', '250 2.1.0']);
  });

  it('hangs a whole service from the greeting on', async () => {
    const sandbox = await aSandbox({ relays: [{ username: 'apikey', password: 'key' }] });
    await control(sandbox, { action: 'SetFault', service: 'Submission', fault: { kind: 'Hang' } });
    const client = await connected(sandbox);
    const order: string[] = [];
    const greeting = client.hear().then((text) => order.push(text.slice(0, 3)));
    await send(sandbox, {}, { service: 'relay', user: 'apikey', password: 'key' });
    order.push('the relay has sent');
    await control(sandbox, { action: 'ClearFaults' });
    await greeting;
    expect(order).toEqual(['the relay has sent', '220']);
  });

  it('leaves a line of a transaction whose client gave up a hanging command', async () => {
    const sandbox = await aSandbox();
    const client = await loggedIn(sandbox);
    await client.sayAll(`MAIL FROM:<${ANNA}>`, 'RCPT TO:<r0@example.net>', 'DATA');
    await control(sandbox, { action: 'SetFault', fault: { kind: 'Hang' } });
    client.socket.end('Message-ID: <hung@example.com>\r\n\r\nHi\r\n.\r\n');
    expect(await wireLines(sandbox, 1)).toMatchObject([
      { command: 'DISCONNECT', reply: '', accepted: false },
    ]);
  });

  it('drops the connections of one account, those there are and new ones', async () => {
    const sandbox = await aSandbox({ accounts: [annasAccount, bob] });
    const client = await loggedIn(sandbox);
    await client.say(`MAIL FROM:<${ANNA}>`);
    await control(sandbox, { action: 'SetFault', account: ANNA, fault: { kind: 'DropConnections' } });
    await client.closed();
    expect((await sendingFails(sandbox)).responseCode).toBeUndefined();
    await send(sandbox, { from: bob.address }, asBob);
    expect(await wireLines(sandbox, 2)).toMatchObject([{ command: 'DISCONNECT' }, { account: bob.address }]);
  });

  it('drops every connection of a service and leaves the other service alone', async () => {
    const sandbox = await aSandbox({ relays: [{ username: 'apikey', password: 'key' }] });
    await control(sandbox, { action: 'SetFault', service: 'Submission', fault: { kind: 'DropConnections' } });
    expect((await sendingFails(sandbox)).responseCode).toBeUndefined();
    await send(sandbox, {}, { service: 'relay', user: 'apikey', password: 'key' });
  });
});

describe('limits changed at run time', () => {
  it('hold from the next message on, and reset as if the windows had passed', async () => {
    const sandbox = await aSandbox();
    await send(sandbox);
    await control(sandbox, { action: 'SetLimits', account: ANNA, limits: { recipients: { max: 1 } } });
    expect((await sendingFails(sandbox)).responseCode).toBe(550);
    await control(sandbox, { action: 'ResetUsage' });
    await send(sandbox);
  });
});

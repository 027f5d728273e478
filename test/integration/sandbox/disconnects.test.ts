import { describe, expect, it } from 'vitest';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { ANNA, aSandbox, loggedIn, sendingFails, wireLines } from './smtp-client.ts';

type Rule = NonNullable<SandboxConfigInput['recipients']>[number];

const toCut = { match: { address: 'cut@example.net' } };

describe('a connection that the sandbox cuts', () => {
  it.each<[string, Rule, object]>([
    [
      'in MAIL',
      { match: { sender: ANNA }, behaviour: 'DisconnectInMail' },
      { rcpts: [], size: 0, accepted: false },
    ],
    [
      'in RCPT',
      { ...toCut, behaviour: 'DisconnectInRcpt' },
      { rcpts: ['cut@example.net'], acceptedRcpts: [], size: 0, accepted: false },
    ],
    [
      'in DATA',
      { ...toCut, behaviour: 'DisconnectInData' },
      { acceptedRcpts: ['cut@example.net'], accepted: false },
    ],
    [
      'after the dot, the message accepted',
      { ...toCut, behaviour: 'DisconnectAfterDot' },
      { acceptedRcpts: ['cut@example.net'], messageId: 'm0@example.com', accepted: true },
    ],
    [
      'after the dot, the message lost',
      { ...toCut, behaviour: 'DisconnectAfterDot', accepted: false },
      { acceptedRcpts: ['cut@example.net'], messageId: 'm0@example.com', accepted: false },
    ],
  ])('%s ends without a reply', async (_, rule, line) => {
    const sandbox = await aSandbox({ recipients: [rule] });
    const error = await sendingFails(sandbox, { to: 'cut@example.net' });
    expect(error.responseCode).toBeUndefined();
    expect(await wireLines(sandbox, 1)).toMatchObject([
      { command: 'DISCONNECT', reply: '', from: ANNA, ...line },
    ]);
  });

  it('in DATA is cut before the message is complete, however small it is', async () => {
    const sandbox = await aSandbox({ recipients: [{ ...toCut, behaviour: 'DisconnectInData' }] });
    const client = await loggedIn(sandbox);
    await client.sayAll(`MAIL FROM:<${ANNA}>`, 'RCPT TO:<cut@example.net>', 'DATA');
    expect(await client.say('Message-ID: <tiny@example.com>\r\n\r\nHi\r\n.')).toBe('');
    expect(await wireLines(sandbox, 1)).toMatchObject([{ accepted: false, command: 'DISCONNECT' }]);
  });
});

describe('a connection that the client cuts', () => {
  it.each([
    ['after MAIL', [`MAIL FROM:<${ANNA}>`], { rcpts: [], size: 0 }],
    [
      'after RCPT',
      [`MAIL FROM:<${ANNA}>`, 'RCPT TO:<r0@example.net>'],
      { acceptedRcpts: ['r0@example.net'] },
    ],
    ['after DATA', [`MAIL FROM:<${ANNA}>`, 'RCPT TO:<r0@example.net>', 'DATA'], { size: 0, messageId: '' }],
  ])('%s leaves a line', async (_, commands, line) => {
    const sandbox = await aSandbox();
    const client = await loggedIn(sandbox);
    await client.sayAll(...commands);
    client.socket.destroy();
    expect(await wireLines(sandbox, 1)).toMatchObject([
      { command: 'DISCONNECT', reply: '', accepted: false, ...line },
    ]);
  });

  it('in the middle of a message leaves a line with what had arrived', async () => {
    const sandbox = await aSandbox();
    const client = await loggedIn(sandbox);
    await client.sayAll(`MAIL FROM:<${ANNA}>`, 'RCPT TO:<r0@example.net>', 'DATA');
    client.socket.end(`Message-ID: <half@example.com>\r\n\r\n${'x'.repeat(5_000)}`);
    const [line] = await wireLines(sandbox, 1);
    expect(line).toMatchObject({ command: 'DISCONNECT', accepted: false, messageId: 'half@example.com' });
    expect(line?.size).toBeGreaterThan(4_000);
  });
});

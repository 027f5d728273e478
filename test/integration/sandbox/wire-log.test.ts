import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandbox } from '../../../controller/sandbox/sandbox.ts';
import { ANNA, aSandbox, control, loggedIn, send, sendingFails, wireLines } from './smtp-client.ts';

async function temporaryFile(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return join(directory, 'wire.log');
}

async function linesOf(file: string): Promise<unknown[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

describe('the wire log', () => {
  it('has the line in the file before the client reads the reply', async () => {
    const wireLogFile = await temporaryFile();
    const sandbox = await aSandbox({}, { wireLogFile });
    const client = await loggedIn(sandbox);
    await client.sayAll(`MAIL FROM:<${ANNA}>`, 'RCPT TO:<r0@example.net>', 'DATA');
    await client.say('Message-ID: <m1@example.com>\r\n\r\nHi\r\n.');
    expect(await linesOf(wireLogFile)).toMatchObject([
      { id: 1, messageId: 'm1@example.com', accepted: true, size: 36 },
    ]);
  });

  it('has a line of every message that is pipelined behind others', async () => {
    const sandbox = await aSandbox();
    const client = await loggedIn(sandbox);
    const message = (id: number) => [
      `MAIL FROM:<${ANNA}>`,
      `RCPT TO:<r${id}@example.net>`,
      'DATA',
      `Message-ID: <m${id}@example.com>`,
      '',
      'Hi',
      '.',
      '',
    ];
    client.socket.write([1, 2, 3, 4, 5].flatMap(message).join('\r\n'));
    const lines = await wireLines(sandbox, 5);
    expect(lines.map(({ messageId }) => messageId)).toEqual(
      [1, 2, 3, 4, 5].map((id) => `m${id}@example.com`),
    );
  });

  it('gets a line of every open transaction when the sandbox is stopped', async () => {
    const wireLogFile = await temporaryFile();
    const sandbox = await startSandbox(
      {
        accounts: [{ address: ANNA, appPassword: 'abcdefghijklmnop' }],
        recipients: [{ match: { localPart: 'slow' }, behaviour: 'Slow', delayMs: 600_000 }],
        keepMessages: true,
      },
      { wireLogFile },
    );
    const [first, second] = [await loggedIn(sandbox), await loggedIn(sandbox)];
    await first.say(`MAIL FROM:<${ANNA}>`);
    await second.sayAll(`MAIL FROM:<${ANNA}>`, 'RCPT TO:<slow@example.net>', 'DATA');
    const noReply = second.say('Message-ID: <slow@example.com>\r\n\r\nHi\r\n.');
    const message = `${sandbox.addresses.http}/messages/slow@example.com`;
    await expect.poll(async () => (await fetch(message)).status).toBe(200);
    await sandbox.stop();
    expect(await noReply).toBe('');
    const lines = await linesOf(wireLogFile);
    expect(lines).toHaveLength(2);
    expect(lines).toContainEqual(
      expect.objectContaining({ command: 'DISCONNECT', rcpts: [], accepted: false }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ command: 'DISCONNECT', rcpts: ['slow@example.net'], accepted: true }),
    );
  });

  it('is appended to by a second sandbox', async () => {
    const wireLogFile = await temporaryFile();
    for (const messageId of ['<first@example.com>', '<second@example.com>']) {
      const sandbox = await aSandbox({}, { wireLogFile });
      await send(sandbox, { messageId });
      await sandbox.stop();
    }
    expect(await linesOf(wireLogFile)).toMatchObject([
      { id: 1, messageId: 'first@example.com' },
      { id: 1, messageId: 'second@example.com' },
    ]);
  });

  it('is served over HTTP, whole and from a line on', async () => {
    const sandbox = await aSandbox();
    for (const messageId of ['<m1@example.com>', '<m2@example.com>', '<m3@example.com>'])
      await send(sandbox, { messageId });
    const idsOf = async (query: string) => {
      const response = await fetch(`${sandbox.addresses.http}/wire-log${query}`);
      const text = await response.text();
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { id: number }).id);
    };
    expect(await idsOf('')).toEqual([1, 2, 3]);
    expect(await idsOf('?since=2')).toEqual([3]);
    expect(await idsOf('?since=9')).toEqual([]);
    expect((await fetch(`${sandbox.addresses.http}/wire-log?since=x`)).status).toBe(400);
  });
});

describe('the HTTP control', () => {
  it('sums the wire log up', async () => {
    const sandbox = await aSandbox({ recipients: [{ match: { localPart: 'gone' }, behaviour: 'Unknown' }] });
    await send(sandbox, { to: ['a@example.net', 'b@example.net'] });
    await sendingFails(sandbox, { to: 'gone@example.net' });
    await wireLines(sandbox, 2);
    const response = await fetch(`${sandbox.addresses.http}/summary`);
    expect(await response.json()).toEqual({
      accounts: [
        {
          service: 'Submission',
          account: ANNA,
          transactions: 2,
          acceptedMessages: 1,
          acceptedRecipients: 2,
          disconnects: 0,
          refused: { '550 5.1.1': 1 },
        },
      ],
    });
  });

  it('shows a kept message with its dots as they were meant', async () => {
    const sandbox = await aSandbox({ keepMessages: true });
    await send(sandbox, { messageId: '<look@example.com>', text: '.hidden\n..twice' });
    const response = await fetch(
      `${sandbox.addresses.http}/messages/${encodeURIComponent('<look@example.com>')}`,
    );
    expect(response.headers.get('content-type')).toBe('message/rfc822');
    expect(await response.text()).toMatch(/\r\n\r\n\.hidden\r\n\.\.twice\r\n$/);
    expect((await fetch(`${sandbox.addresses.http}/messages/other@example.com`)).status).toBe(404);
  });

  it('keeps no message unless asked, and says so', async () => {
    const sandbox = await aSandbox();
    await send(sandbox);
    const response = await fetch(`${sandbox.addresses.http}/messages/m0@example.com`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('keepMessages');
  });

  it('says that it is well, and gives out the certificate', async () => {
    const sandbox = await aSandbox();
    expect((await fetch(`${sandbox.addresses.http}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${sandbox.addresses.http}/ca.pem`)).text()).toBe(sandbox.caCertificate);
  });

  it.each([
    [{ action: 'SetFault', fault: { kind: 'Explode' } }, 'kind'],
    [{ action: 'SetLimits', limits: { recipients: { max: -1 } } }, 'limits.recipients.max'],
    [{ action: 'ClearFaults', account: ANNA, accounts: 3 }, 'accounts'],
  ])('refuses the request %j and says what is wrong', async (request, where) => {
    const sandbox = await aSandbox();
    const response = await control(sandbox, request);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(where);
  });

  it('refuses a body that is no JSON, one that is too big, and unknown paths', async () => {
    const sandbox = await aSandbox();
    const post = (body: string) => fetch(`${sandbox.addresses.http}/control`, { method: 'POST', body });
    expect((await post('{')).status).toBe(400);
    expect((await post(' '.repeat(70_000))).status).toBe(413);
    expect((await fetch(`${sandbox.addresses.http}/nothing`)).status).toBe(404);
  });
});

describe('starting', () => {
  it('fails when a port is taken, and leaves nothing behind', async () => {
    const sandbox = await aSandbox();
    const taken = { submissionTls: sandbox.addresses.submission.tlsPort };
    await expect(startSandbox({ ports: taken })).rejects.toThrow(/EADDRINUSE/);
  });

  it('fails on a configuration that is not valid', async () => {
    await expect(startSandbox({ accounts: [{ address: 'anna@example.com' }] })).rejects.toThrow(
      /appPassword/,
    );
  });
});

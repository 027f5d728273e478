import { afterEach, describe, expect, it } from 'vitest';
import type {
  OutgoingMessage,
  Reply,
  RouteConnection,
} from '../../../../../controller/domain/ports/route.ts';
import { SmtpRoute } from '../../../../../controller/sender/routes/smtp/smtp-route.ts';
import { TrustedAuthorities } from '../../../../../controller/sender/trusted-authorities.ts';
import type { SandboxConfigInput } from '../../../../../controller/api/sandbox-config.ts';
import { startSandbox, type Sandbox } from '../../../../../controller/sandbox/sandbox.ts';

const PASSWORD = 'abcdefghijklmnop';
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function provider(recipients: SandboxConfigInput['recipients'] = []): Promise<Sandbox> {
  const sandbox = await startSandbox({
    accounts: [{ address: 'anna@example.com', appPassword: PASSWORD }],
    recipients,
  });
  open.push(() => sandbox.stop());
  return sandbox;
}

function routeTo(
  sandbox: Sandbox,
  changes: { pass?: string; tls?: 'Implicit' | 'StartTls'; ca?: string; maxMessages?: number } = {},
) {
  const { submission } = sandbox.addresses;
  const tls = changes.tls ?? 'StartTls';
  return new SmtpRoute({
    endpoint: {
      host: 'localhost',
      port: tls === 'Implicit' ? submission.tlsPort : submission.startTlsPort,
      tls,
    },
    tls: new TrustedAuthorities().tls(changes.ca ?? sandbox.caCertificate),
    login: {
      user: 'anna@example.com',
      credentials: { user: 'anna@example.com', pass: changes.pass ?? PASSWORD },
    },
    clientName: 'sender.example',
    maxMessagesPerConnection: changes.maxMessages ?? 50,
    timeouts: { connectMs: 2_000, greetingMs: 2_000, socketMs: 1_000 },
  });
}

async function connected(route: SmtpRoute): Promise<RouteConnection> {
  const answer = await route.connect();
  if (!answer.connected) throw new Error(`not connected: ${answer.reply.text}`);
  open.push(() => answer.connection.close());
  return answer.connection;
}

function messageTo(recipient: string): OutgoingMessage {
  const messageId = `${recipient.replace('@', '.')}@example.com`;
  const raw = Buffer.from(
    `From: anna@example.com\r\nTo: ${recipient}\r\nMessage-ID: <${messageId}>\r\nSubject: Hi\r\n\r\nHello.\r\n`,
  );
  return { envelopeFrom: 'anna@example.com', recipient, messageId, raw };
}

async function sendTo(recipient: string, recipients: SandboxConfigInput['recipients'] = []) {
  const sandbox = await provider(recipients);
  const connection = await connected(routeTo(sandbox));
  const reply = await connection.send(messageTo(recipient));
  return { reply, connection, wire: sandbox.wireLog.transactions() };
}

describe('the SMTP route', () => {
  it.each(['StartTls', 'Implicit'] as const)('hands over a message with %s', async (tls) => {
    const sandbox = await provider();
    const connection = await connected(routeTo(sandbox, { tls }));
    const reply = await connection.send(messageTo('ada@example.net'));
    expect(reply).toMatchObject({ kind: 'Accepted', code: 250 });
    expect(sandbox.wireLog.transactions()).toMatchObject([
      { accepted: true, rcpts: ['ada@example.net'], messageId: 'ada.example.net@example.com' },
    ]);
  });

  it('sends nothing to a server whose certificate it cannot verify', async () => {
    const sandbox = await provider();
    const other = await provider();
    const answer = await routeTo(sandbox, { ca: other.caCertificate }).connect();
    expect(answer).toMatchObject({ connected: false, reply: { kind: 'NoReply', mayBeAccepted: false } });
    expect(sandbox.wireLog.size).toBe(0);
  });

  it('tells a refused login by its own words', async () => {
    const sandbox = await provider();
    const answer = await routeTo(sandbox, { pass: 'wrong' }).connect();
    expect(answer).toMatchObject({
      connected: false,
      reply: {
        kind: 'Refused',
        command: 'AUTH',
        code: 535,
        enhancedCode: '5.7.8',
        text: expect.stringContaining('Username and Password not accepted'),
      },
    });
  });

  it('tells a refused recipient and goes on with the same connection', async () => {
    const { reply, connection, wire } = await sendTo('gone@example.net', [
      { match: { address: 'gone@example.net' }, behaviour: 'Unknown' },
    ]);
    expect(reply).toMatchObject({ kind: 'Refused', command: 'RCPT', code: 550, enhancedCode: '5.1.1' });
    expect(connection.isUsable).toBe(true);
    expect(await connection.send(messageTo('ada@example.net'))).toMatchObject({ kind: 'Accepted' });
    expect(wire).toHaveLength(1);
  });

  it.each([
    ['DisconnectInRcpt', 'gone', false],
    ['DisconnectInData', 'gone', false],
    ['DisconnectAfterDot', 'gone', true],
  ] as const)(
    'after %s it does not pretend to know more than it does',
    async (behaviour, local, mayBeAccepted) => {
      const { reply, connection } = await sendTo(`${local}@example.net`, [
        { match: { localPart: local }, behaviour },
      ]);
      expect(reply).toMatchObject({ kind: 'NoReply' } satisfies Partial<Reply>);
      if (mayBeAccepted) expect(reply).toMatchObject({ mayBeAccepted: true });
      expect(connection.isUsable).toBe(false);
    },
  );

  it('does not wait for ever for a silent server, and leaves the end open', async () => {
    const { reply } = await sendTo('slow@example.net', [
      { match: { localPart: 'slow' }, behaviour: 'Slow', delayMs: 10_000, at: 'Dot' },
    ]);
    expect(reply).toMatchObject({ kind: 'NoReply', clientError: 'ETIMEDOUT', mayBeAccepted: true });
  });

  it('retires a connection after its share of messages', async () => {
    const sandbox = await provider();
    const connection = await connected(routeTo(sandbox, { maxMessages: 2 }));
    await connection.send(messageTo('a@example.net'));
    expect(connection.isUsable).toBe(true);
    await connection.send(messageTo('b@example.net'));
    expect(connection.isUsable).toBe(false);
  });

  it('survives a server that goes away while the connection is idle', async () => {
    const sandbox = await provider();
    const connection = await connected(routeTo(sandbox));
    await sandbox.stop();
    await expect.poll(() => connection.isUsable).toBe(false);
  });
});

import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { SentMessageInfo } from 'nodemailer';
import { createTransport } from 'nodemailer';
import { onTestFinished, vi } from 'vitest';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import type { WireTransaction } from '../../../controller/api/wire-log.ts';
import { wireTransactionSchema } from '../../../controller/api/wire-log.ts';
import type { Sandbox, SandboxOptions } from '../../../controller/sandbox/sandbox.ts';
import { startSandbox } from '../../../controller/sandbox/sandbox.ts';

export const ANNA = 'anna@example.com';
export const APP_PASSWORD = 'abcdefghijklmnop';

/** Anna's account as Google shows its App Password. */
export const annasAccount = { address: ANNA, appPassword: 'abcd efgh ijkl mnop' };

/** A sandbox for one test, stopped at its end. Without accounts of its own it has Anna's. */
export async function aSandbox(
  config: SandboxConfigInput = {},
  options: SandboxOptions = {},
): Promise<Sandbox> {
  const sandbox = await startSandbox({ accounts: [annasAccount], ...config }, options);
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

/** Waits until the wire log has so many lines, then reads it; every line is checked against the schema. */
export async function wireLines(sandbox: Sandbox, count: number): Promise<WireTransaction[]> {
  await vi.waitFor(() => {
    if (sandbox.wireLog.size < count) throw new Error(`${sandbox.wireLog.size} of ${count} lines are there.`);
  });
  return sandbox.wireLog.transactions().map((line) => wireTransactionSchema.parse(line));
}

export interface Mail {
  readonly from?: string;
  readonly to?: string | readonly string[];
  readonly text?: string;
  readonly messageId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly date?: Date;
}

export interface Login {
  readonly service?: 'submission' | 'relay';
  readonly user?: string;
  readonly password?: string;
  readonly accessToken?: string;
  readonly method?: 'PLAIN' | 'LOGIN';
  readonly tlsMode?: 'StartTls' | 'Implicit';
}

/** Sends one message the way a sender does: verified TLS, login, envelope, QUIT. */
export async function send(sandbox: Sandbox, mail: Mail = {}, login: Login = {}): Promise<SentMessageInfo> {
  const transport = createTransport(transportOptions(sandbox, login));
  const { from = ANNA, to = 'r0@example.net', text = 'Hello', messageId = '<m0@example.com>' } = mail;
  const { headers = {}, date = new Date() } = mail;
  const recipients = [to].flat();
  try {
    return await transport.sendMail({
      from,
      to: recipients,
      subject: 'Hello',
      text,
      messageId,
      headers,
      date,
    });
  } finally {
    transport.close();
  }
}

function transportOptions(sandbox: Sandbox, login: Login) {
  const { host, startTlsPort, tlsPort } = sandbox.addresses[login.service ?? 'submission'];
  const { user = ANNA, password = APP_PASSWORD, accessToken, method, tlsMode = 'StartTls' } = login;
  return {
    host,
    port: tlsMode === 'Implicit' ? tlsPort : startTlsPort,
    secure: tlsMode === 'Implicit',
    requireTLS: true,
    tls: { ca: sandbox.caCertificate },
    auth:
      accessToken === undefined ? { user, pass: password } : { type: 'OAuth2' as const, user, accessToken },
    ...(method === undefined ? {} : { authMethod: method }),
  };
}

/** The error that sending ends with. */
export async function sendingFails(
  sandbox: Sandbox,
  mail: Mail = {},
  login: Login = {},
): Promise<SmtpFailure> {
  return send(sandbox, mail, login).then(
    () => Promise.reject(new Error('The message was accepted.')),
    (error: SmtpFailure) => error,
  );
}

export interface SmtpFailure extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/** A client without manners: says line by line what it is told to. */
export class RawClient {
  readonly socket: TLSSocket;
  #received = '';

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (this.#received += text));
    socket.on('error', () => undefined);
  }

  /** Says a line; resolves to its whole reply, or to the empty string when the connection ends instead. */
  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.hear();
  }

  /** Says lines one after the other; resolves to the reply to the last one. */
  async sayAll(...lines: readonly string[]): Promise<string> {
    let reply = '';
    for (const line of lines) reply = await this.say(line);
    return reply;
  }

  /** The next reply; the empty string when the connection ends without one. */
  async hear(): Promise<string> {
    const reply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/;
    for (;;) {
      const found = reply.exec(this.#received)?.[0];
      if (found !== undefined) {
        this.#received = this.#received.slice(found.length);
        return found.trimEnd();
      }
      if (this.socket.destroyed) return '';
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
    }
  }

  /** Resolves when the connection has ended. */
  async closed(): Promise<void> {
    if (!this.socket.destroyed) await once(this.socket, 'close');
  }
}

/** A raw client on the implicit TLS port, greeted. */
export async function greeted(
  sandbox: Sandbox,
  service: 'submission' | 'relay' = 'submission',
): Promise<RawClient> {
  const client = await connected(sandbox, service);
  await client.hear();
  return client;
}

/** A raw client on the implicit TLS port that has not read anything yet. */
export async function connected(
  sandbox: Sandbox,
  service: 'submission' | 'relay' = 'submission',
): Promise<RawClient> {
  const { host, tlsPort } = sandbox.addresses[service];
  const socket = connect({ host, port: tlsPort, ca: sandbox.caCertificate });
  const client = new RawClient(socket);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  return client;
}

/** A raw client that is logged in as Anna. */
export async function loggedIn(sandbox: Sandbox): Promise<RawClient> {
  const client = await greeted(sandbox);
  await client.say('EHLO client.example');
  const reply = await client.say(`AUTH PLAIN ${plainToken(ANNA, APP_PASSWORD)}`);
  if (!reply.startsWith('235')) throw new Error(`The login was refused: ${reply}`);
  return client;
}

export function plainToken(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64');
}

/** Calls the HTTP control. */
export async function control(sandbox: Sandbox, request: object): Promise<Response> {
  return fetch(`${sandbox.addresses.http}/control`, { method: 'POST', body: JSON.stringify(request) });
}

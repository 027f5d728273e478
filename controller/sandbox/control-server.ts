import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { ControlRequest } from './control-request.ts';
import { controlRequestSchema } from './control-request.ts';
import type { MessageStore } from './message-store.ts';
import type { WireLog } from './wire-log-file.ts';
import type { WireSummary } from './wire-summary.ts';

/** What the HTTP control shows and does. */
export interface ControlSubject {
  readonly wireLog: WireLog;
  readonly summary: WireSummary;
  readonly messages: MessageStore;
  readonly caCertificate: string;
  /** Carries a request out; returns how many accounts it concerned. */
  readonly control: (request: ControlRequest) => number;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

const BODY_BYTES_MAX = 65_536;

/** The HTTP side of the sandbox: the wire log, its summary, kept messages, and switches for tests. */
export class ControlServer {
  readonly #server: Server;

  constructor(subject: ControlSubject) {
    this.#server = createServer((request, response) => {
      answer(request, subject).then(
        (found) => send(response, found),
        (error: unknown) => send(response, plain(500, `The sandbox failed: ${String(error)}`)),
      );
    });
  }

  /** Listens; resolves to the port, rejects when it is taken. */
  async start(host: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(port, host, resolve);
    await promise;
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }
}

async function answer(request: IncomingMessage, subject: ControlSubject): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const route = `${request.method ?? ''} ${url.pathname}`;
  if (route.startsWith('GET /messages/')) return message(url.pathname.slice('/messages/'.length), subject);
  switch (route) {
    case 'GET /healthz':
      return plain(200, 'ok\n');
    case 'GET /ca.pem':
      return { status: 200, type: 'application/x-pem-file', body: subject.caCertificate };
    case 'GET /wire-log':
      return wireLog(url.searchParams.get('since') ?? '0', subject);
    case 'GET /summary':
      return json(200, { accounts: subject.summary.accounts() });
    case 'POST /control':
      return control(request, subject);
    default:
      return plain(
        404,
        'Try GET /healthz, /ca.pem, /wire-log?since=<id>, /summary, /messages/<Message-ID> or POST /control.\n',
      );
  }
}

function wireLog(since: string, subject: ControlSubject): Answer {
  if (!/^\d{1,15}$/.test(since))
    return plain(400, `since=${since} is not the id of a wire log line: give a whole number.\n`);
  const lines = subject.wireLog.lines(Number(since)).map((line) => `${line}\n`);
  return { status: 200, type: 'application/x-ndjson', body: lines.join('') };
}

function message(encodedId: string, { messages }: ControlSubject): Answer {
  if (!messages.isOn)
    return plain(404, 'Messages are not kept: set keepMessages: true in the sandbox configuration.\n');
  const messageId = decodeURIComponent(encodedId).replaceAll(/^<|>$/g, '');
  const found = messages.find(messageId);
  if (found === undefined) return plain(404, `No message ${messageId} is kept: only the latest ones are.\n`);
  return { status: 200, type: 'message/rfc822', body: found };
}

async function control(request: IncomingMessage, subject: ControlSubject): Promise<Answer> {
  if (Number(request.headers['content-length'] ?? Number.NaN) > BODY_BYTES_MAX)
    return plain(413, 'The request is too big.\n');
  const parsed = z
    .string()
    .transform(parseJson)
    .pipe(controlRequestSchema)
    .safeParse(await text(request));
  if (!parsed.success) return plain(400, `${z.prettifyError(parsed.error)}\n`);
  return json(200, { accounts: subject.control(parsed.data) });
}

function parseJson(body: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `The body is not JSON: ${String(error)}` });
    return z.NEVER;
  }
}

function plain(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function json(status: number, body: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

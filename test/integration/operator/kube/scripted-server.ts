import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock, type TimerClock } from '../../../../controller/operator/kube/clock.ts';
import type { ClusterAccess } from '../../../../controller/operator/kube/kube-config.ts';
import { Transport, type TransportOptions } from '../../../../controller/operator/kube/transport.ts';

/** A request that has arrived and waits for the test to answer it. */
export class Arrival {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly #response: ServerResponse;
  readonly #socket: Socket;

  constructor(request: IncomingMessage, response: ServerResponse, body: string) {
    this.method = request.method ?? '';
    this.url = new URL(request.url ?? '/', 'http://server');
    this.headers = request.headers;
    this.body = body;
    this.#response = response;
    this.#socket = request.socket;
  }

  get query(): Record<string, string> {
    return Object.fromEntries(this.url.searchParams);
  }

  /** Answers with JSON, or with text as it is. */
  answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  }

  /** Refuses with a Status object. */
  refuse(status: number, reason: string, extra: object = {}, headers: Record<string, string> = {}): void {
    this.answer(status, { kind: 'Status', code: status, reason, message: `${reason}!`, ...extra }, headers);
  }

  /** Sends watch events and keeps the stream open. */
  send(...events: { type: string; object: unknown }[]): void {
    this.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  }

  write(text: string): void {
    this.#response.write(text);
  }

  /** Ends the stream as a server does that has watched long enough. */
  end(): void {
    this.#response.end();
  }

  /** Cuts the connection, as a killed server does. */
  cut(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the client has gone. */
  whenClosed(): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }
}

/** An HTTP server that a test answers by hand: `const request = await server.next(); request.answer(200, {…})`. */
export class ScriptedServer {
  readonly #waiting: ((arrival: Arrival) => void)[] = [];
  readonly #arrived: Arrival[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => (body += part));
    request.on('end', () => this.#arrive(new Arrival(request, response, body)));
  });
  requestCount = 0;
  connectionCount = 0;

  static async start(): Promise<ScriptedServer> {
    const server = new ScriptedServer();
    await server.#listen(0);
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get access(): ClusterAccess {
    return {
      cluster: { name: 'scripted', server: `http://127.0.0.1:${this.port}`, skipTLSVerify: false },
      user: { name: 'tester' },
      namespace: 'default',
    };
  }

  /** Connections that are open now. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /** The next request, as soon as it has come. */
  next(): Promise<Arrival> {
    const arrival = this.#arrived.shift();
    if (arrival !== undefined) return Promise.resolve(arrival);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #listen(port: number): Promise<void> {
    this.#server.on('connection', (socket) => {
      this.connectionCount += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
  }

  #arrive(arrival: Arrival): void {
    this.requestCount += 1;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#arrived.push(arrival);
    else waiting(arrival);
  }
}

/** A real clock whose sleeps take no time but are written down. */
export function sleeplessClock(): TimerClock & { slept: number[] } {
  const slept: number[] = [];
  return { ...systemClock, slept, sleep: (delayMs) => Promise.resolve(void slept.push(delayMs)) };
}

export function transportTo(access: ClusterAccess, options: Partial<TransportOptions> = {}): Transport {
  return new Transport({ access, clock: systemClock, random: () => 0.5, ...options });
}

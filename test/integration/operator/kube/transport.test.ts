import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, ConnectionError } from '../../../../controller/operator/kube/api-error.ts';
import type { Call, Transport, TransportOptions } from '../../../../controller/operator/kube/transport.ts';
import { ScriptedServer, sleeplessClock, transportTo } from './scripted-server.ts';

let server: ScriptedServer;
let transport: Transport;

beforeEach(async () => {
  server = await ScriptedServer.start();
  transport = transportTo(server.access);
});
afterEach(async () => {
  await transport.close();
  await server.stop();
});

function use(options: Partial<TransportOptions>): void {
  transport = transportTo(options.access ?? server.access, options);
}
const get = (call: Partial<Call> = {}) =>
  transport.call({ operation: 'get thing a', method: 'GET', path: '/thing', ...call });
const errorOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  );

describe('a call', () => {
  it('sends JSON and answers with JSON', async () => {
    const answer = get({
      method: 'PATCH',
      path: '/thing?force=true',
      body: { a: 'ü' },
      contentType: 'application/apply-patch+yaml',
    });
    const request = await server.next();
    expect(request.method).toBe('PATCH');
    expect(request.query).toEqual({ force: 'true' });
    expect(request.headers).toMatchObject({
      'content-type': 'application/apply-patch+yaml',
      accept: 'application/json',
    });
    expect(JSON.parse(request.body)).toEqual({ a: 'ü' });
    request.answer(200, { b: '✉️' });
    expect(await answer).toEqual({ b: '✉️' });
  });

  it('reuses connections for calls that follow each other', async () => {
    for (let count = 0; count < 30; count += 1) {
      const answer = get();
      (await server.next()).answer(200, { count });
      expect(await answer).toEqual({ count });
    }
    // The second opens when a call begins while the answer before is still being put away.
    expect(server.connectionCount).toBeLessThanOrEqual(2);
  });

  it('keeps the path of a server behind a proxy', async () => {
    const { cluster } = server.access;
    use({
      access: { ...server.access, cluster: { ...cluster, server: `${cluster.server}/k8s/clusters/c-1/` } },
    });
    const answer = get();
    const request = await server.next();
    expect(request.url.pathname).toBe('/k8s/clusters/c-1/thing');
    request.answer(200, {});
    await answer;
  });

  it('tells what was refused in a message without the words of the server', async () => {
    const answer = errorOf(get());
    (await server.next()).refuse(404, 'NotFound');
    const error = await answer;
    expect(error).toBeInstanceOf(ApiError);
    expect(error.message).toBe('get thing a: NotFound (404)');
  });

  it('waits as long as a busy server asks, and then some, before it tries again', async () => {
    const clock = sleeplessClock();
    use({ clock });
    const answer = get();
    (await server.next()).refuse(429, 'TooManyRequests', {}, { 'retry-after': '2' });
    (await server.next()).refuse(503, 'ServiceUnavailable', {}, { 'retry-after': '1' });
    (await server.next()).answer(200, { ok: true });
    expect(await answer).toEqual({ ok: true });
    expect(clock.slept).toEqual([2500, 1250]);
  });

  it('does not wait longer than the caller would', async () => {
    const clock = sleeplessClock();
    use({ clock });
    const answer = errorOf(get({ timeoutMs: 2000 }));
    (await server.next()).refuse(429, 'TooManyRequests', {}, { 'retry-after': '3' });
    expect(await answer).toMatchObject({ status: 429, retryAfterSeconds: 3 });
    expect(clock.slept).toEqual([]);
  });

  it('does not repeat what failed for good', async () => {
    const answer = errorOf(get());
    (await server.next()).refuse(500, 'InternalError');
    expect(await answer).toMatchObject({ status: 500 });
    expect(server.requestCount).toBe(1);
  });

  it('gives up when the time is over and closes the connection', async () => {
    const answer = errorOf(get({ timeoutMs: 50 }));
    const request = await server.next();
    expect(await answer).toMatchObject({
      failure: 'TimedOut',
      message: 'get thing a: the API server did not answer in time',
    });
    await request.whenClosed();
  });

  it('gives up when the time is over in the middle of an answer', async () => {
    const answer = errorOf(get({ timeoutMs: 50 }));
    const request = await server.next();
    request.write('{"half":');
    expect(await answer).toMatchObject({ failure: 'TimedOut' });
    await request.whenClosed();
  });

  it('ends when the caller aborts, before, during and between tries', async () => {
    const before = AbortSignal.abort();
    expect(await errorOf(get({ signal: before }))).toMatchObject({ failure: 'Aborted' });
    expect(server.requestCount).toBe(0);

    const during = new AbortController();
    const answer = errorOf(get({ signal: during.signal }));
    const request = await server.next();
    during.abort();
    expect(await answer).toMatchObject({ failure: 'Aborted' });
    await request.whenClosed();

    const between = new AbortController();
    const throttled = errorOf(get({ signal: between.signal }));
    (await server.next()).refuse(429, 'TooManyRequests', {}, { 'retry-after': '20' });
    setTimeout(() => between.abort(), 20);
    expect(await throttled).toMatchObject({ failure: 'Aborted' });
    expect(server.requestCount).toBe(2);
  });

  it('says how a connection failed without addresses or ports', async () => {
    const cut = errorOf(get());
    (await server.next()).cut();
    expect(await cut).toMatchObject({
      failure: 'Closed',
      message: 'get thing a: the API server closed the connection',
    });

    const garbled = errorOf(get());
    (await server.next()).answer(200, '<html>');
    expect(await garbled).toMatchObject({ failure: 'Malformed' });

    await server.stop();
    const refused = await errorOf(get());
    expect(refused).toMatchObject({
      failure: 'Refused',
      message: 'get thing a: the API server could not be reached',
    });
    server = await ScriptedServer.start();
  });

  it('tells its observer every attempt', async () => {
    const seen: string[] = [];
    use({ clock: sleeplessClock(), onRequest: (method, status) => seen.push(`${method} ${status}`) });
    const answer = get();
    (await server.next()).refuse(429, 'TooManyRequests');
    (await server.next()).answer(200, {});
    await answer;
    const cut = errorOf(get({ method: 'DELETE' }));
    (await server.next()).cut();
    await cut;
    expect(seen).toEqual(['GET 429', 'GET 200', 'DELETE 0']);
  });

  it('ends with the transport, whatever it waits for', async () => {
    const answer = errorOf(get());
    const request = await server.next();
    await transport.close();
    expect(await answer).toMatchObject({ failure: 'Aborted' });
    await request.whenClosed();
    expect(await errorOf(get())).toMatchObject({ failure: 'Aborted' });
    expect(server.requestCount).toBe(1);
  });
});

describe('a stream', () => {
  const stream = (
    onChunk: (chunk: Buffer) => void,
    options: { idleTimeoutMs?: number; signal?: AbortSignal } = {},
  ) =>
    transport.stream(
      {
        operation: 'watch things',
        path: '/things?watch=1',
        idleTimeoutMs: 5000,
        signal: new AbortController().signal,
        ...options,
      },
      onChunk,
    );

  it('hands over the pieces as they come and resolves when the server ends it', async () => {
    const { promise: first, resolve } = Promise.withResolvers<string>();
    let text = '';
    const done = stream((chunk) => {
      text += chunk.toString();
      resolve(text);
    });
    const request = await server.next();
    request.write('one');
    expect(await first).toBe('one');
    request.write('two');
    request.end();
    await done;
    expect(text).toBe('onetwo');
  });

  it('notices a server that has fallen silent', async () => {
    const done = errorOf(stream(() => {}, { idleTimeoutMs: 100 }));
    const request = await server.next();
    request.write('hello');
    expect(await done).toMatchObject({
      failure: 'Stalled',
      message: 'watch things: the connection to the API server fell silent',
    });
    await request.whenClosed();
  });

  it('ends with the error that its reader throws', async () => {
    const done = errorOf(
      stream(() => {
        throw new Error('too much');
      }),
    );
    const request = await server.next();
    request.write('x');
    expect((await done).message).toBe('too much');
    await request.whenClosed();
  });

  it('is refused like a call', async () => {
    const done = errorOf(stream(() => expect.unreachable()));
    (await server.next()).refuse(410, 'Expired');
    expect(await done).toMatchObject({ status: 410, reason: 'Expired' });
  });

  it('ends when its signal aborts', async () => {
    const controller = new AbortController();
    const done = errorOf(stream(() => {}, { signal: controller.signal }));
    const request = await server.next();
    controller.abort();
    expect(await done).toBeInstanceOf(ConnectionError);
    await request.whenClosed();
  });
});

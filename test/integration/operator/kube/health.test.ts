import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { EventLoopGuard } from '../../../../controller/operator/kube/event-loop-guard.ts';
import { waitUntil } from '../../../cluster/process/wait-until.ts';
import { HealthServer, type HealthServerOptions } from '../../../../controller/operator/kube/health.ts';

let server: HealthServer;
afterEach(() => server.close());

async function serve(options: Partial<HealthServerOptions>) {
  server = new HealthServer({ live: {}, ready: {}, ...options });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${answer.status} ${await answer.text()}`;
  };
}

describe('health endpoints', () => {
  it('say ok while nothing is wrong', async () => {
    const ask = await serve({
      live: { loop: () => undefined },
      ready: { caches: () => Promise.resolve(undefined) },
    });
    expect(await ask('/healthz')).toBe('200 ok');
    expect(await ask('/readyz')).toBe('200 ok');
    expect(await ask('/readyz/caches')).toBe('200 ok');
  });

  it('name every check and what is wrong with it', async () => {
    const ask = await serve({
      ready: {
        caches: () => 'mailboxes are not listed yet',
        redis: () => undefined,
        broken: () => {
          throw new Error('no luck');
        },
      },
    });
    const lines =
      '[-]caches failed: mailboxes are not listed yet\n[+]redis ok\n[-]broken failed: Error: no luck\n';
    expect(await ask('/readyz')).toBe(`500 ${lines}`);
    expect(await ask('/readyz/redis?verbose')).toBe('200 [+]redis ok\n');
    expect(await ask('/healthz')).toBe('200 ok');
  });

  it('do not wait for a check that hangs', async () => {
    const ask = await serve({ live: { stuck: () => new Promise<undefined>(() => {}) } });
    expect(await ask('/healthz')).toBe('500 [-]stuck failed: no answer within 900 ms\n');
  });

  it('know what they do not know', async () => {
    const ask = await serve({});
    expect(await ask('/readyz/nothing')).toBe('404 there is no such check\n');
    expect(await ask('/metrics')).toMatch(/^404/);
    expect(await ask('/')).toMatch(/^404/);
  });

  it('show metrics, and a failure to make them', async () => {
    let isBroken = false;
    const metrics = {
      contentType: 'text/plain; version=0.0.4',
      metrics: () => (isBroken ? Promise.reject(new Error('no numbers')) : Promise.resolve('up 1\n')),
    };
    const ask = await serve({ metrics });
    expect(await ask('/metrics')).toBe('200 up 1\n');
    isBroken = true;
    expect(await ask('/metrics')).toBe('500 Error: no numbers\n');
  });

  it('refuse a port that is taken', async () => {
    server = new HealthServer({ live: {}, ready: {} });
    const place = { host: '127.0.0.1', port: (await server.listen({ host: '127.0.0.1', port: 0 })).port };
    await expect(new HealthServer({ live: {}, ready: {} }).listen(place)).rejects.toThrow('EADDRINUSE');
  });

  it('fail when the event loop is blocked between probes again and again, but not for one pause', async () => {
    await serve({});
    const guard = new EventLoopGuard({ mostDelayMs: 100 });
    // Looks as often as the guard, after it.
    const beside = monitorEventLoopDelay({ resolution: 100 });
    beside.enable();
    const guardHasLooked = async () => {
      const { count } = beside;
      await waitUntil('the guard has looked', () => beside.count > count, {
        timeoutMs: 5_000,
        intervalMs: 5,
      });
    };
    const block = async () => {
      await guardHasLooked();
      const untilMs = performance.now() + 400;
      while (performance.now() < untilMs);
      await guardHasLooked();
    };
    await block();
    expect(guard.check()).toBeUndefined();
    await block();
    expect(guard.check()).toMatch(/blocked for \d+ ms/);
    guard.stop();
    beside.disable();
  });
});

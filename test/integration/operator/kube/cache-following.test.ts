import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { widget } from '../../../unit/operator/kube/kube-object.ts';
import { added, bookmark, CacheScene, initialEnd, QUICK_TIMINGS } from './scripted-cache.ts';
import type { Arrival } from './scripted-server.ts';

let scene: CacheScene;
beforeEach(async () => {
  scene = await CacheScene.open();
});
afterEach(() => scene.close());

describe('following a collection', () => {
  it('resumes from the last event or bookmark when the server ends the watch', async () => {
    scene.start();
    const first = await scene.filled([], '100');
    first.send(added(widget('a', { metadata: { resourceVersion: '101' } })));
    first.end();
    const second = await scene.server.next();
    expect(second.query).toMatchObject({ watch: 'true', resourceVersion: '101' });
    second.send(bookmark('150'));
    second.end();
    expect((await scene.server.next()).query).toMatchObject({ resourceVersion: '150' });
  });

  it('resumes when the connection is cut in the middle of an event', async () => {
    scene.start();
    const first = await scene.filled([], '100');
    first.send(added(widget('a', { metadata: { resourceVersion: '101' } })));
    await scene.told(1);
    first.write('{"type":"ADDED","object":{"meta');
    first.cut();
    const second = await scene.server.next();
    expect(second.query).toMatchObject({ resourceVersion: '101' });
    second.send(added(widget('b')));
    await scene.told(2);
  });

  it('replaces a connection that has fallen silent', async () => {
    scene.start({ timings: { ...QUICK_TIMINGS, idleTimeoutMs: 100 } });
    const silent = await scene.filled([widget('a')], '100');
    const second = await scene.server.next();
    expect(second.query).toMatchObject({ resourceVersion: '100' });
    await silent.whenClosed();
  });

  it('resumes after nonsense instead of skipping it', async () => {
    scene.start();
    const first = await scene.filled([], '100');
    first.write('<html>gateway timeout</html>\n');
    expect((await scene.server.next()).query).toMatchObject({ resourceVersion: '100' });
  });

  it('does not reconnect without pause when every watch ends at once', async () => {
    scene.start({ timings: { ...QUICK_TIMINGS, backoffBaseMs: 100, backoffMaxMs: 100 } });
    (await scene.filled([], '100')).end();
    const startedMs = performance.now();
    for (let count = 0; count < 4; count += 1) (await scene.server.next()).end();
    // With the dice at one half, every pause is 50 ms.
    expect(performance.now() - startedMs).toBeGreaterThan(140);
  });

  it('asks for the metadata of a bookmark only: it is no object', async () => {
    scene.start();
    const request = await scene.filled([], '100');
    request.send(bookmark('101'), added(widget('a')));
    await scene.told(1);
    expect(scene.cache.size).toBe(1);
  });
});

describe('a version that the server has forgotten', () => {
  it.each([
    [
      'inside the watch',
      (request: Arrival) =>
        request.send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }),
    ],
    ['instead of a watch', (request: Arrival) => request.refuse(410, 'Expired')],
    [
      'because it went back in time',
      (request: Arrival) =>
        request.refuse(504, 'Timeout', { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } }),
    ],
  ])('%s leads to a new filling, of which only differences are told', async (_, forget) => {
    scene.start();
    const unchanged = widget('unchanged');
    (await scene.filled([unchanged, widget('changed'), widget('gone')])).cut();
    forget(await scene.server.next());
    const refill = await scene.server.next();
    expect(refill.query).toMatchObject({ sendInitialEvents: 'true' });
    refill.send(added(unchanged), added(widget('changed')), added(widget('new')));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([scene.cache.size, scene.cache.get('default/gone') !== undefined]).toEqual([3, true]);
    refill.send(initialEnd('900'));
    expect(await scene.told(3)).toEqual([
      'Deleted default/gone',
      'Updated default/changed',
      'Added default/new',
    ]);
  });

  it('and an object that was deleted and made again meanwhile is told as both', async () => {
    scene.start();
    (await scene.filled([widget('a')])).cut();
    (await scene.server.next()).refuse(410, 'Expired');
    (await scene.server.next()).send(added(widget('a', { metadata: { uid: 'another' } })), initialEnd('900'));
    expect(await scene.told(2)).toEqual(['Deleted default/a', 'Added default/a']);
  });
});

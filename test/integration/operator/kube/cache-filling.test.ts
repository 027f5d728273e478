import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change } from '../../../../controller/operator/kube/resource-cache.ts';
import { widget } from '../../../unit/operator/kube/kube-object.ts';
import { added, bookmark, CacheScene, deleted, initialEnd, modified, page } from './scripted-cache.ts';

let scene: CacheScene;
beforeEach(async () => {
  scene = await CacheScene.open();
});
afterEach(() => scene.close());

describe('the filling of a cache', () => {
  it('asks for a streaming list with bookmarks and tells its handlers once it is complete', async () => {
    scene.start();
    const request = await scene.server.next();
    expect(request.url.pathname).toBe('/apis/test.example/v1/widgets');
    expect(request.query).toMatchObject({
      watch: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: 'true',
    });
    expect(Number(request.query['timeoutSeconds'])).toBe(450);
    request.send(added(widget('a')), added(widget('b')));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([scene.cache.hasSynced, scene.cache.size, scene.changes.length]).toEqual([false, 0, 0]);
    request.send(initialEnd('50'));
    await scene.cache.whenSynced();
    expect(scene.summary()).toEqual(['Added default/a (initial)', 'Added default/b (initial)']);
  });

  it('goes on following the same stream', async () => {
    scene.start();
    const request = await scene.filled([widget('a'), widget('b')]);
    request.send(added(widget('c')), modified(widget('a', { spec: { size: 2 } })), deleted(widget('b')));
    expect(await scene.told(3)).toEqual(['Added default/c', 'Updated default/a', 'Deleted default/b']);
    expect(scene.cache.get('default/a')?.spec?.size).toBe(2);
    expect(scene.cache.get('default/b')).toBeUndefined();
    expect(scene.server.requestCount).toBe(1);
  });

  it('falls back to pages of 500 where the server refuses streaming lists', async () => {
    scene.start();
    (await scene.server.next()).refuse(422, 'Invalid');
    const first = await scene.server.next();
    expect(first.query).toEqual({ limit: '500' });
    first.answer(200, page([widget('a')], '70', 'next-page'));
    const second = await scene.server.next();
    expect(second.query).toEqual({ limit: '500', continue: 'next-page' });
    second.answer(200, page([widget('b')], '70'));
    const watch = await scene.server.next();
    expect(watch.query).toMatchObject({ watch: 'true', resourceVersion: '70', allowWatchBookmarks: 'true' });
    expect(watch.query).not.toHaveProperty('sendInitialEvents');
    expect(scene.cache.get('default/b')).toMatchObject({ apiVersion: 'test.example/v1', kind: 'Widget' });
  });

  it('falls back to pages where the server does not understand the question and never says that it is done', async () => {
    scene.start();
    const old = await scene.server.next();
    old.send(added(widget('a')), bookmark('60'));
    old.end();
    (await scene.server.next()).answer(200, page([widget('a')], '61'));
    await scene.cache.whenSynced();
    expect((await scene.server.next()).query).toMatchObject({ resourceVersion: '61' });
  });

  it('asks for everything at once when the pages expire half way', async () => {
    scene.start();
    (await scene.server.next()).refuse(422, 'Invalid');
    (await scene.server.next()).answer(200, page([widget('old')], '70', 'next-page'));
    (await scene.server.next()).refuse(410, 'Expired');
    const all = await scene.server.next();
    expect(all.query).toEqual({});
    all.answer(200, page([widget('a'), widget('b')], '90'));
    await scene.cache.whenSynced();
    expect([...scene.cache.keys()]).toEqual(['default/a', 'default/b']);
  });

  it.each([403, 404, 429, 500, 503])('tries again after %i until it succeeds', async (status) => {
    scene.start();
    (await scene.server.next()).refuse(status, 'NotNow');
    (await scene.server.next()).refuse(status, 'NotNow');
    await scene.filled([widget('a')]);
    expect(scene.cache.size).toBe(1);
    expect(scene.log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });

  it('asks for metadata only, of one namespace and selection, when told so', async () => {
    scene.start({
      metadataOnly: true,
      scope: { namespace: 'sales', labelSelector: 'a=b', fieldSelector: 'type!=c' },
    });
    const request = await scene.server.next();
    expect(request.url.pathname).toBe('/apis/test.example/v1/namespaces/sales/widgets');
    expect(request.query).toMatchObject({ labelSelector: 'a=b', fieldSelector: 'type!=c' });
    expect(request.headers.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
  });

  it('tells late subscribers what is there already', async () => {
    scene.start();
    await scene.filled([widget('a')]);
    const late: Change[] = [];
    scene.cache.subscribe({ handler: (change) => late.push(change) });
    expect(late).toEqual([{ key: 'default/a', kind: 'Added', isInitial: true }]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { widget } from '../../../unit/operator/kube/kube-object.ts';
import { added, CacheScene, deleted, modified, QUICK_TIMINGS, until } from './scripted-cache.ts';

let scene: CacheScene;
beforeEach(async () => {
  scene = await CacheScene.open();
});
afterEach(() => scene.close());

describe('handlers', () => {
  it('that throw are reported, and neither end the watch nor keep others from hearing', async () => {
    const errors: unknown[] = [];
    scene.start({ onError: (error) => errors.push(error) });
    const heard: string[] = [];
    scene.cache.subscribe({
      handler: () => {
        throw new Error('my mistake');
      },
    });
    scene.cache.subscribe({ handler: ({ key }) => heard.push(key) });
    const request = await scene.filled([]);
    request.send(added(widget('a')), added(widget('b')));
    await until(() => heard.length === 2);
    expect(errors).toHaveLength(2);
    expect(scene.log.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
    expect(scene.server.requestCount).toBe(1);
  });

  it('for another kind hear the keys that the former and the present state concern', async () => {
    scene.start();
    const pools: string[] = [];
    scene.cache.subscribe({
      keysOf: (object) => object.spec?.secrets ?? [],
      handler: ({ key, kind }) => pools.push(`${kind} ${key}`),
    });
    const request = await scene.filled([widget('a', { spec: { secrets: ['one'] } })]);
    request.send(
      modified(widget('a', { spec: { secrets: ['two'] }, metadata: { generation: 2 } })),
      deleted(widget('a')),
    );
    await scene.told(2);
    expect(pools).toEqual(['Added one', 'Updated one', 'Updated two', 'Deleted two']);
  });

  it('do not hear of updates that do not matter to them', async () => {
    scene.start();
    const sizes: string[] = [];
    scene.cache.subscribe({
      isRelevant: (before, after) => before.spec?.size !== after.spec?.size,
      handler: ({ kind }) => sizes.push(kind),
    });
    const request = await scene.filled([widget('a', { spec: { size: 1 } })]);
    const grown = widget('a', { spec: { size: 2 }, metadata: { generation: 2 } });
    request.send(modified(widget('a', { spec: { size: 1 } })), modified(grown));
    await scene.told(2);
    expect(sizes).toEqual(['Added', 'Updated']);
  });

  it('are not told of an event that brings nothing new', async () => {
    scene.start();
    const object = widget('a');
    const request = await scene.filled([object]);
    request.send(modified(object), added(widget('b')));
    expect(await scene.told(1)).toEqual(['Added default/b']);
  });

  it('keep working when an indexer fails on an object', async () => {
    scene.start({
      indexers: {
        first: (object) => {
          if (object.metadata.name === 'odd') throw new Error('no index');
          return object.spec?.secrets ?? [];
        },
      },
    });
    await scene.filled([widget('odd'), widget('a', { spec: { secrets: ['one'] } })]);
    expect(scene.cache.byIndex('first', 'one').map(({ metadata }) => metadata.name)).toEqual(['a']);
    expect(scene.cache.size).toBe(2);
  });
});

describe('the end of a cache', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['before an answer', () => scene.server.next()],
    ['in the middle of the filling', async () => (await scene.server.next()).send(added(widget('a')))],
    ['while it watches', () => scene.filled([widget('a')])],
    [
      'while it waits before the next try',
      async () => {
        (await scene.server.next()).refuse(500, 'InternalError');
        await until(() => scene.log.lines.length > 0);
      },
    ],
    [
      'in the middle of a page',
      async () => {
        (await scene.server.next()).refuse(422, 'Invalid');
        await scene.server.next();
      },
    ],
  ])('%s leaves no request and tells nobody anything more', async (_, bringIntoState) => {
    scene.start({ timings: { ...QUICK_TIMINGS, backoffBaseMs: 60_000, backoffMaxMs: 60_000 } });
    await bringIntoState();
    const told = scene.changes.length;
    const requests = scene.server.requestCount;
    await scene.cache.stop();
    await scene.transport.close();
    await until(() => scene.server.openConnections === 0);
    expect(scene.changes.length).toBe(told);
    expect(scene.server.requestCount).toBe(requests);
  });

  it('is final: a second start makes no request', async () => {
    scene.start();
    await scene.server.next();
    await scene.cache.stop();
    scene.cache.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(scene.server.requestCount).toBe(1);
  });

  it('fails those who wait for it with the reason of their signal', async () => {
    scene.start();
    const impatient = new AbortController();
    const waiting = scene.cache.whenSynced(impatient.signal).catch(String);
    impatient.abort(new Error('enough'));
    expect(await waiting).toContain('enough');
    await scene.server.next();
  });
});

import { describe, expect, it } from 'vitest';
import { Applier } from '../../../../controller/operator/kube/applier.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import { PlayedCluster } from '../played/played-cluster.ts';
import { WIDGET, type Widget } from './kube-object.ts';

/** An applier, and the widget as a cache would show it at each moment. */
function setUp() {
  const cluster = new PlayedCluster();
  const client = new ResourceClient<Widget>(cluster.transport, WIDGET);
  const applier = new Applier('mailers');
  const shown = (): Widget | undefined =>
    cluster.collection('widgets').get('default/a') as Widget | undefined;
  const apply = (live: Widget | undefined, size: number) =>
    applier.apply(client, live, { metadata: { namespace: 'default', name: 'a' }, spec: { size } });
  return { apply, shown, forget: () => applier.forget(client, 'default/a') };
}

describe('an intent that was applied', () => {
  it('is not applied again while the cache still shows the object as it was before', async () => {
    const { apply, shown } = setUp();
    expect(await apply(undefined, 1)).toBe('Applied');
    const old = shown();
    expect(await apply(old, 2)).toBe('Applied');
    expect(await apply(old, 2)).toBe('Unchanged');
  });

  it('is applied when it is another one, though the cache is old', async () => {
    const { apply, shown } = setUp();
    await apply(undefined, 1);
    const old = shown();
    await apply(old, 2);
    expect(await apply(old, 3)).toBe('Applied');
    expect(shown()?.spec).toEqual({ size: 3 });
  });

  it('is applied again when the object is gone, or was forgotten', async () => {
    const { apply, shown, forget } = setUp();
    await apply(undefined, 1);
    expect(await apply(undefined, 1)).toBe('Applied');
    const old = shown();
    await apply(old, 2);
    forget();
    expect(await apply(old, 2)).toBe('Applied');
  });
});

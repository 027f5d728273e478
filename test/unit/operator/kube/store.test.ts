import { describe, expect, it } from 'vitest';
import { Store } from '../../../../controller/operator/kube/store.ts';
import { widget, type Widget } from './kube-object.ts';

const bySecret = { secret: (object: Widget) => object.spec?.secrets ?? [] };

describe('a store', () => {
  it('finds objects under every value of an index', () => {
    const store = new Store(bySecret);
    store.put('a', widget('a', { spec: { secrets: ['one', 'two'] } }));
    store.put('b', widget('b', { spec: { secrets: ['two'] } }));
    expect(store.keysByIndex('secret', 'one')).toEqual(['a']);
    expect(store.keysByIndex('secret', 'two')).toEqual(['a', 'b']);
    expect(store.keysByIndex('secret', 'three')).toEqual([]);
  });

  it('moves an object in the index when its values change', () => {
    const store = new Store(bySecret);
    store.put('a', widget('a', { spec: { secrets: ['one', 'two'] } }));
    store.put('a', widget('a', { spec: { secrets: ['two', 'three'] } }));
    expect(['one', 'two', 'three'].map((value) => store.keysByIndex('secret', value))).toEqual([
      [],
      ['a'],
      ['a'],
    ]);
  });

  it('forgets a deleted object in every index, and only that one', () => {
    const store = new Store(bySecret);
    store.put('a', widget('a', { spec: { secrets: ['one', 'one'] } }));
    store.put('b', widget('b', { spec: { secrets: ['one'] } }));
    expect(store.delete('a')?.metadata.name).toBe('a');
    expect(store.keysByIndex('secret', 'one')).toEqual(['b']);
    expect(store.delete('b')?.metadata.name).toBe('b');
    expect(store.keysByIndex('secret', 'one')).toEqual([]);
    expect(store.delete('b')).toBeUndefined();
    expect(store.size).toBe(0);
  });

  it('returns the object that a new one takes the place of', () => {
    const store = new Store<Widget>();
    const first = widget('a');
    expect(store.put('a', first)).toBeUndefined();
    expect(store.put('a', widget('a'))).toBe(first);
  });

  it('refuses an index that was never named', () => {
    expect(() => new Store<Widget>().keysByIndex('secret', 'x')).toThrow('There is no index "secret"');
  });
});

import { describe, expect, it } from 'vitest';
import { StringPool } from '../../../../controller/operator/kube/string-pool.ts';
import { cachedObject } from '../../../../controller/operator/kube/cached-object.ts';
import { WIDGET, widget } from './kube-object.ts';

describe('a pool of strings', () => {
  it('gives back what it is given, also when it has begun anew', () => {
    const pool = new StringPool();
    const texts = Array.from({ length: 10_000 }, (_, index) => `text ${index}`);
    expect(texts.map((text) => pool.share(text))).toEqual(texts);
    expect(pool.share('x'.repeat(1_000))).toBe('x'.repeat(1_000));
  });

  it('leaves an object in the cache as it is', () => {
    const shown = widget('a', {
      spec: { secrets: ['one', 'two'] },
      status: { conditions: [{ type: 'Ready' }] },
    });
    expect(cachedObject(structuredClone(shown), WIDGET, { strings: new StringPool() })).toEqual(shown);
  });
});

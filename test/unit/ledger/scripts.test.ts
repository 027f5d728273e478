import { describe, expect, it } from 'vitest';
import { loadScripts } from '../../../controller/ledger/scripts.ts';

const scripts = [...loadScripts()].map(([name, { text }]) => ({ name, text }));

describe('the scripts', () => {
  it.each(scripts)('$name says what it is for, what it takes and what it answers', ({ text }) => {
    expect(text).toMatch(/^-- [A-Z].*\n/);
    expect(text).toMatch(/^-- KEYS {2}1 /m);
    expect(text).toMatch(/^-- Reply /m);
  });

  it.each(scripts)(
    '$name names no key of its own: all are given, so that a Cluster can check them',
    ({ text }) => {
      expect(/redis\.call\('[A-Z]+', *['"]/.test(text)).toBe(false);
    },
  );

  it.each(scripts)('$name includes what it names', ({ text }) => {
    expect(text.includes('-- @include')).toBe(false);
  });
});

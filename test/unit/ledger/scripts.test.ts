import { describe, expect, it } from 'vitest';
import { loadScripts, ScriptRunner, type RedisClient } from '../../../controller/ledger/scripts.ts';

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

/** A server without scripts: what it was asked, in order. */
function forgetfulServer() {
  const asked: string[] = [];
  let isKnown = false;
  const answer = async () => 'answer';
  const client = {
    evalsha: async () => {
      asked.push('sha');
      if (!isKnown) throw new Error('NOSCRIPT No matching script');
      return answer();
    },
    eval: async () => {
      asked.push('text');
      isKnown = true;
      return answer();
    },
  };
  return { asked, runner: new ScriptRunner(client as unknown as RedisClient, loadScripts()) };
}

describe('a server that does not know a script', () => {
  it('is sent its text once, however many calls find it so', async () => {
    const { asked, runner } = forgetfulServer();
    const calls = Array.from({ length: 3 }, () => runner.run('ledger-look', ['key'], []));
    expect(await Promise.all(calls)).toEqual(['answer', 'answer', 'answer']);
    expect(asked).toEqual(['sha', 'sha', 'sha', 'text', 'sha', 'sha']);
  });
});

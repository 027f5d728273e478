import { describe, expect, it } from 'vitest';
import { takeChaosFlags } from '../../runner/chaos-flags.ts';

function taken(...args: string[]) {
  const environment: Record<string, string | undefined> = {};
  return { left: takeChaosFlags(args, environment), environment };
}

describe('the flags of a chaos run', () => {
  it.each<[string[], Record<string, string>, string[]]>([
    [[], {}, []],
    [['--full'], { MAILERS_CHAOS_FULL: '1' }, []],
    [['--seed', '7', '--bail'], { MAILERS_CHAOS_SEED: '7' }, ['--bail']],
    [
      ['-t', 'chaos', '--seed=8', '--full'],
      { MAILERS_CHAOS_SEED: '8', MAILERS_CHAOS_FULL: '1' },
      ['-t', 'chaos'],
    ],
  ])('%j are handed on in the environment, the others to vitest', (args, environment, left) => {
    expect(taken(...args)).toEqual({ left, environment });
  });
});

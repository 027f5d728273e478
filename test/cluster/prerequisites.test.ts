import { describe, expect, it } from 'vitest';
import { clusterKind, whatIsMissing, type MachineFacts, type Need } from './prerequisites.ts';

const everything: MachineFacts = {
  hasDockerEngine: true,
  isRoot: true,
  isDebianLike: true,
  hasOpenssl: true,
  programs: 'built',
};

type Case = { machine: string; need: Need; facts: Partial<MachineFacts>; missing: RegExp | undefined };

const cases: Case[] = [
  { machine: 'with everything', need: 'cluster', facts: {}, missing: undefined },
  {
    machine: 'with Docker only',
    need: 'cluster',
    facts: { isRoot: false, isDebianLike: false },
    missing: undefined,
  },
  {
    machine: 'with root on Debian only',
    need: 'cluster',
    facts: { hasDockerEngine: false },
    missing: undefined,
  },
  {
    machine: 'with neither Docker nor root',
    need: 'cluster',
    facts: { hasDockerEngine: false, isRoot: false },
    missing: /no Docker engine answers, .* it takes root/,
  },
  {
    machine: 'with root elsewhere than on Debian',
    need: 'cluster',
    facts: { hasDockerEngine: false, isDebianLike: false },
    missing: /no Docker engine answers, .* it takes Debian or Ubuntu/,
  },
  {
    machine: 'that can build with Go',
    need: 'cluster',
    facts: { programs: 'buildable' },
    missing: undefined,
  },
  {
    machine: 'without Go and without pip',
    need: 'cluster',
    facts: { programs: 'out of reach' },
    missing: /install Go 1\.26 or newer, or python3 with pip/,
  },
  {
    machine: 'with neither Docker nor root',
    need: 'control-plane',
    facts: { hasDockerEngine: false, isRoot: false },
    missing: undefined,
  },
  {
    machine: 'without openssl',
    need: 'control-plane',
    facts: { hasOpenssl: false },
    missing: /install openssl/,
  },
];

describe('what a machine lacks', () => {
  it.each(cases)('a machine $machine, for a $need: $missing', ({ need, facts, missing }) => {
    const sentence = whatIsMissing(need, { ...everything, ...facts });
    if (missing === undefined) expect(sentence).toBeUndefined();
    else expect(sentence).toMatch(missing);
  });

  it('prefers kind where a Docker engine answers', () => {
    expect(clusterKind({ hasDockerEngine: true })).toBe('kind');
    expect(clusterKind({ hasDockerEngine: false })).toBe('native');
  });
});

import { describe, expect, it } from 'vitest';
import { matchesSelector } from '../../../../controller/domain/compile/label-selector.ts';
import type { LabelSelector } from '../../../../controller/api/sending-pool.ts';

const labels = { team: 'growth', tier: 'warm' };

function expression(
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  values?: string[],
): LabelSelector {
  return { matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }] };
}

describe('selecting by label as Kubernetes does', () => {
  it.each<[string, LabelSelector, boolean]>([
    ['an empty selector takes everything', {}, true],
    ['all labels must match', { matchLabels: { team: 'growth', tier: 'warm' } }, true],
    ['one other label is enough to refuse', { matchLabels: { team: 'growth', tier: 'cold' } }, false],
    ['In takes a listed value', expression('tier', 'In', ['cold', 'warm']), true],
    ['In refuses another value', expression('tier', 'In', ['cold']), false],
    ['In refuses a missing label', expression('age', 'In', ['']), false],
    ['In without values takes nothing', expression('tier', 'In'), false],
    ['NotIn refuses a listed value', expression('tier', 'NotIn', ['warm']), false],
    ['NotIn takes another value', expression('tier', 'NotIn', ['cold']), true],
    ['NotIn takes a missing label', expression('age', 'NotIn', ['old']), true],
    ['Exists takes a present label', expression('tier', 'Exists'), true],
    ['Exists refuses a missing label', expression('age', 'Exists'), false],
    ['DoesNotExist refuses a present label', expression('tier', 'DoesNotExist'), false],
    ['DoesNotExist takes a missing label', expression('age', 'DoesNotExist'), true],
    [
      'labels and expressions must both hold',
      { matchLabels: { team: 'growth' }, ...expression('tier', 'In', ['cold']) },
      false,
    ],
  ])('%s', (_sentence, selector, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected);
  });

  it('takes an object without labels when nothing is asked', () => {
    expect(matchesSelector({})).toBe(true);
    expect(matchesSelector({ matchLabels: { team: 'growth' } })).toBe(false);
  });
});

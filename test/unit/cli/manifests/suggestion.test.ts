import { describe, expect, it } from 'vitest';
import { suggestion } from '../../../../controller/cli/manifests/suggestion.ts';

const FIELDS = ['recipientsPerDay', 'recipientsPerHour', 'reservePercent', 'to'];

describe('what was probably meant', () => {
  it.each([
    ['recipientsPerday', 'recipientsPerDay'],
    ['recipientPerDay', 'recipientsPerDay'],
    ['recipientsPreHour', 'recipientsPerHour'],
    ['reserve_percent', 'reservePercent'],
    ['ot', 'to'],
  ])('by %s is %s', (written, meant) => {
    expect(suggestion(written, FIELDS)).toBe(meant);
  });

  it.each(['', 'limit', 'x', 'recipients'])('by %j is not said', (written) => {
    expect(suggestion(written, FIELDS)).toBeUndefined();
  });

  it('is nothing where nothing could be meant', () => {
    expect(suggestion('a', [])).toBeUndefined();
  });
});

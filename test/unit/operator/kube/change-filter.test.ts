import { describe, expect, it } from 'vitest';
import { controllerKeysOf, isIntentChanged } from '../../../../controller/operator/kube/change-filter.ts';
import { widget } from './kube-object.ts';

describe('a change of intent', () => {
  const before = widget('a', { status: { ready: false } });
  it.each([
    ['a new generation', { metadata: { generation: 2 } }, true],
    ['a status alone', { status: { ready: true } }, false],
    ['an annotation, such as a token to reconcile now', { metadata: { annotations: { now: '1' } } }, true],
    ['a label', { metadata: { labels: { tier: 'gold' } } }, true],
    ['the start of a deletion', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, true],
    ['a finalizer', { metadata: { finalizers: ['mailers.io/ledger'] } }, true],
    [
      'an owner',
      { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u' }] } },
      true,
    ],
  ])('%s', (_, overrides, isChanged) => {
    expect(isIntentChanged(before, widget('a', overrides))).toBe(isChanged);
  });

  it('is any change of a kind that counts no generations', () => {
    const secret = () => widget('a', { metadata: { generation: undefined } });
    expect(isIntentChanged(secret(), secret())).toBe(true);
  });
});

describe('the controlling owner', () => {
  const owner = (overrides: object) => ({
    apiVersion: 'mailers.io/v1alpha1',
    kind: 'SendingPool',
    name: 'pool',
    uid: 'u',
    controller: true,
    ...overrides,
  });
  const keysOf = controllerKeysOf('mailers.io', 'SendingPool');
  it.each([
    ['of the kind', {}, ['default/pool']],
    ['of the kind in another version', { apiVersion: 'mailers.io/v2' }, ['default/pool']],
    ['of another kind', { kind: 'Mailbox' }, []],
    ['of another group', { apiVersion: 'example.com/v1' }, []],
    ['that does not control', { controller: false }, []],
  ])('%s', (_, overrides, keys) => {
    expect(keysOf(widget('a', { metadata: { ownerReferences: [owner(overrides)] } }))).toEqual(keys);
  });

  it('is nobody where there are no owners', () => {
    expect(keysOf(widget('a'))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import {
  ownedTree,
  ownedValues,
  statusWouldChange,
  wouldChange,
} from '../../../../controller/operator/kube/owned-fields.ts';
import type { FieldTree, KubeObject } from '../../../../controller/operator/kube/resource.ts';

/** The fields a manager owns after applying `labels`, replicas, a container with a port, an atomic list and a finalizer. */
const TREE: FieldTree = {
  'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:finalizers': { 'v:"mailers.io/ledger"': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:containers': {
      'k:{"name":"sender"}': {
        '.': {},
        'f:name': {},
        'f:image': {},
        'f:ports': { 'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      },
    },
    'f:args': {},
  },
};

const intent = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'default', labels: { app: 'x' }, finalizers: ['mailers.io/ledger'] },
  spec: {
    replicas: 2,
    containers: [{ name: 'sender', image: 'one', ports: [{ containerPort: 8080 }] }],
    args: ['--fast', '--quiet'],
  },
};

/** The same as the server shows it: defaults filled in, other managers' fields beside ours. */
const live = () => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: {
    name: 'a',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '7',
    labels: { app: 'x', team: 'added by somebody' },
    finalizers: ['somebody.else', 'mailers.io/ledger'],
    managedFields: [{ manager: 'mailers', operation: 'Apply', fieldsV1: TREE }],
  },
  spec: {
    replicas: 2,
    containers: [
      { name: 'injected', image: 'sidecar' },
      {
        name: 'sender',
        image: 'one',
        imagePullPolicy: 'Always',
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
      },
    ],
    args: ['--fast', '--quiet'],
    paused: false,
  },
  status: { ready: true },
});

describe('an apply', () => {
  const changes = (object: KubeObject | undefined, wanted: KubeObject) =>
    wouldChange(object, wanted, 'mailers');

  it('changes nothing when the live object has all we want, whatever others added', () => {
    expect(changes(live(), intent)).toBe(false);
  });

  it('makes an object that is not there', () => {
    expect(changes(undefined, intent)).toBe(true);
  });

  it('is needed when we never applied before, even if all values are right', () => {
    const object = live();
    object.metadata.managedFields = [];
    expect(changes(object, intent)).toBe(true);
  });

  it("does not take another manager's fields or our status for our own", () => {
    const object = { ...live(), metadata: { ...live().metadata } };
    object.metadata.managedFields = [
      { manager: 'mailers', operation: 'Update', fieldsV1: TREE },
      { manager: 'other', operation: 'Apply', fieldsV1: TREE },
    ];
    expect(ownedTree(object, 'mailers')).toBeUndefined();
  });

  const spec = (overrides: object) => ({ ...intent, spec: { ...intent.spec, ...overrides } });
  const metadata = (overrides: object) => ({ ...intent, metadata: { ...intent.metadata, ...overrides } });
  it.each([
    ['a value differs', spec({ replicas: 3 })],
    ['a field is new', spec({ paused: true })],
    ['a field of ours is no longer wanted', spec({ replicas: undefined })],
    ['a label is new', metadata({ labels: { app: 'x', tier: 'gold' } })],
    ['all labels go', metadata({ labels: undefined })],
    ['a finalizer is new', metadata({ finalizers: ['mailers.io/ledger', 'mailers.io/other'] })],
    ['a finalizer goes', metadata({ finalizers: undefined })],
    [
      'a container differs',
      spec({ containers: [{ name: 'sender', image: 'two', ports: [{ containerPort: 8080 }] }] }),
    ],
    [
      'a container is new',
      spec({ containers: [...intent.spec.containers, { name: 'second', image: 'two' }] }),
    ],
    ['a container has another name', spec({ containers: [{ name: 'renamed', image: 'one' }] })],
    ['a field of a container goes', spec({ containers: [{ name: 'sender', image: 'one' }] })],
    [
      'a port differs',
      spec({ containers: [{ name: 'sender', image: 'one', ports: [{ containerPort: 9090 }] }] }),
    ],
    ['an atomic list has another order', spec({ args: ['--quiet', '--fast'] })],
  ])('is needed when %s', (_, wanted) => {
    expect(changes(live(), wanted)).toBe(true);
  });

  it.each([
    ['a value of ours', (object: ReturnType<typeof live>) => (object.spec.replicas = 9)],
    ['an element of an atomic list', (object: ReturnType<typeof live>) => object.spec.args.push('--more')],
    ['a container of ours', (object: ReturnType<typeof live>) => object.spec.containers.pop()],
    ['a finalizer of ours', (object: ReturnType<typeof live>) => object.metadata.finalizers.pop()],
  ])('is needed when somebody changed %s', (_, vandalise) => {
    const object = live();
    vandalise(object);
    expect(changes(object, intent)).toBe(true);
  });

  it('compares nothing but fields: names and versions of the API are not owned', () => {
    const object = live();
    object.metadata.managedFields = [
      { manager: 'mailers', operation: 'Apply', fieldsV1: { 'f:spec': TREE['f:spec'] ?? {} } },
    ];
    const { labels: _, finalizers: __, ...identity } = intent.metadata;
    expect(changes(object, { ...intent, metadata: identity })).toBe(false);
  });
});

it('extracts the owned values and nothing else', () => {
  const values = ownedValues(TREE, live());
  expect(JSON.stringify(values)).toContain('"f:image":"one"');
  expect(JSON.stringify(values)).not.toMatch(/sidecar|imagePullPolicy|somebody|status/);
});

describe('a status', () => {
  it.each([
    ['equal', { ready: true }, { ready: true }, false],
    ['with another value', { ready: true }, { ready: false }, true],
    ['with a field too many', { ready: true, old: 1 }, { ready: true }, true],
    ['that is not there yet', undefined, { ready: true }, true],
  ])('%s', (_, status, wanted, isChanged) => {
    expect(statusWouldChange({ status }, wanted)).toBe(isChanged);
  });
});

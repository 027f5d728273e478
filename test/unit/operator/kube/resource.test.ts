import { describe, expect, it } from 'vitest';
import { withQuery } from '../../../../controller/operator/kube/query.ts';
import {
  apiVersionOf,
  collectionPath,
  keyOf,
  objectPath,
  refOf,
  resourceNameOf,
} from '../../../../controller/operator/kube/resource.ts';
import { WIDGET } from './kube-object.ts';

const SECRET = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const NODE = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

describe('the address of a resource', () => {
  it.each([
    [collectionPath(WIDGET), '/apis/test.example/v1/widgets'],
    [collectionPath(WIDGET, 'sales'), '/apis/test.example/v1/namespaces/sales/widgets'],
    [collectionPath(SECRET, 'sales'), '/api/v1/namespaces/sales/secrets'],
    [collectionPath(NODE, 'ignored'), '/api/v1/nodes'],
    [
      objectPath(WIDGET, { namespace: 'sales', name: 'anna' }),
      '/apis/test.example/v1/namespaces/sales/widgets/anna',
    ],
    [objectPath(NODE, { name: 'n1' }, 'status'), '/api/v1/nodes/n1/status'],
    [objectPath(NODE, { name: 'system:Node/x' }), '/api/v1/nodes/system%3ANode%2Fx'],
  ])('%s', (path, expected) => {
    expect(path).toBe(expected);
  });

  it('refuses a namespaced object without its namespace', () => {
    expect(() => objectPath(WIDGET, { name: 'anna' })).toThrow(
      'Widget anna was addressed without its namespace',
    );
  });

  it('leaves undefined parameters out of a query', () => {
    expect(withQuery('/x', { a: 1, b: undefined, c: 'a=b,c', d: true })).toBe('/x?a=1&c=a%3Db%2Cc&d=true');
    expect(withQuery('/x', { b: undefined })).toBe('/x');
  });
});

describe('the names of a resource', () => {
  it('have the group only where there is one', () => {
    expect([apiVersionOf(WIDGET), apiVersionOf(SECRET)]).toEqual(['test.example/v1', 'v1']);
    expect([resourceNameOf(WIDGET), resourceNameOf(SECRET)]).toEqual(['widgets.test.example', 'secrets']);
  });

  it('make a key and come back from it', () => {
    for (const ref of [{ namespace: 'sales', name: 'anna' }, { name: 'n1' }])
      expect(refOf(keyOf(ref))).toEqual(ref);
  });
});

import { describe, expect, it } from 'vitest';
import { cachedObject } from '../../../../controller/operator/kube/cached-object.ts';
import { WIDGET, widget } from './kube-object.ts';

const managedFields = [
  { manager: 'kubectl', operation: 'Update', fieldsV1: {} },
  { manager: 'mailers', operation: 'Apply', fieldsV1: { 'f:spec': {} } },
  { manager: 'mailers', operation: 'Apply', subresource: 'status', fieldsV1: {} },
];

describe('an object in the cache', () => {
  it('has its type even when it came in a list, which leaves it out', () => {
    const { apiVersion: _, kind: __, ...bare } = widget('a');
    expect(cachedObject(bare, WIDGET)).toMatchObject({ apiVersion: 'test.example/v1', kind: 'Widget' });
  });

  it('has the type of the object when it came as metadata only', () => {
    const partial = { ...widget('a'), apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };
    expect(cachedObject(partial, WIDGET)).toMatchObject({ apiVersion: 'test.example/v1', kind: 'Widget' });
  });

  it('has no managedFields', () => {
    expect(cachedObject(widget('a', { metadata: { managedFields } }), WIDGET).metadata).not.toHaveProperty(
      'managedFields',
    );
  });

  it("keeps one manager's applies when asked to, without those of status", () => {
    const kept = cachedObject(widget('a', { metadata: { managedFields } }), WIDGET, 'mailers');
    expect(kept.metadata.managedFields).toEqual([managedFields[1]]);
  });

  it('cannot be changed at any depth', () => {
    const object = cachedObject(widget('a', { spec: { secrets: ['one'] } }), WIDGET);
    expect(() => object.spec?.secrets?.push('two')).toThrow(TypeError);
    expect(() => Object.assign(object.metadata, { name: 'b' })).toThrow(TypeError);
  });
});

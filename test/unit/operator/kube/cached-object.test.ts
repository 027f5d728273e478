import { describe, expect, it } from 'vitest';
import { cachedObject, hasSameParts } from '../../../../controller/operator/kube/cached-object.ts';
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
    const kept = cachedObject(widget('a', { metadata: { managedFields } }), WIDGET, {
      keepManagedFieldsOf: 'mailers',
    });
    expect(kept.metadata.managedFields).toEqual([managedFields[1]]);
  });

  describe('that the cache holds already', () => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Owner', name: 'o', uid: 'u' }];
    const spec = () => ({ secrets: ['one'] });
    const shown = (metadata: object) =>
      widget('a', {
        spec: spec(),
        metadata: { ownerReferences: structuredClone(ownerReferences), labels: { pool: 'p' }, ...metadata },
      });
    const before = cachedObject(shown({}), WIDGET);

    it('keeps the very spec, labels and owner references that did not change', () => {
      const after = cachedObject(shown({}), WIDGET, { before });
      expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
      expect(after.spec).toBe(before.spec);
      expect(after.metadata.labels).toBe(before.metadata.labels);
      expect(hasSameParts(before, after)).toBe(true);
    });

    it.each<[string, object]>([
      ['of another generation', { generation: 2 }],
      ['whose generation nobody counts', { generation: undefined }],
      ['made anew under its name', { uid: 'another' }],
    ])('has a spec of its own when it is one %s', (_, metadata) => {
      const after = cachedObject(shown(metadata), WIDGET, { before });
      expect(after.spec).toEqual(before.spec);
      expect(after.spec).not.toBe(before.spec);
      expect(hasSameParts(before, after)).toBe(false);
    });

    it('has other parts when it has another owner', () => {
      const after = cachedObject(shown({ ownerReferences: [] }), WIDGET, { before });
      expect(after.metadata.ownerReferences).toEqual([]);
      expect(hasSameParts(before, after)).toBe(false);
    });

    it('cannot be changed either', () => {
      const after = cachedObject(shown({ labels: { pool: 'q' } }), WIDGET, { before });
      expect(() => Object.assign(after.metadata.labels ?? {}, { pool: 'r' })).toThrow(TypeError);
    });
  });

  it('cannot be changed at any depth', () => {
    const object = cachedObject(widget('a', { spec: { secrets: ['one'] } }), WIDGET);
    expect(() => object.spec?.secrets?.push('two')).toThrow(TypeError);
    expect(() => Object.assign(object.metadata, { name: 'b' })).toThrow(TypeError);
  });
});

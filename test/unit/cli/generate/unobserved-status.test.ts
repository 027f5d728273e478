import { describe, expect, it } from 'vitest';
import { KINDS } from '../../../../controller/api/kinds.ts';
import { customResourceDefinition } from '../../../../controller/cli/generate/crd.ts';
import { kstatusOf } from '../../../../controller/operator/kube/kstatus.ts';

type Crd = {
  spec: {
    versions: {
      schema: {
        openAPIV3Schema: {
          properties: {
            status: {
              default?: { observedGeneration: number };
              properties: { observedGeneration: { minimum: number } };
            };
          };
        };
      };
    }[];
  };
};

describe.each(Object.values(KINDS))('a new $kind', (kind) => {
  const { spec } = customResourceDefinition(kind) as unknown as Crd;
  const status = spec.versions[0]?.schema.openAPIV3Schema.properties.status;

  it('is waited for until the operator has looked at it', () => {
    const object = {
      apiVersion: 'mailers.io/v1alpha1',
      kind: kind.kind,
      metadata: { name: 'new', generation: 1 },
    };
    expect(kstatusOf(object).status).toBe('Current');
    expect(kstatusOf({ ...object, status: status?.default }).status).toBe('InProgress');
  });

  it('has a first status that its own schema allows', () => {
    expect(status?.default?.observedGeneration).toBe(status?.properties.observedGeneration.minimum);
  });
});

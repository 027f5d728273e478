import type { KubeObject, ResourceType } from '../../../../controller/operator/kube/resource.ts';

/** A made-up kind to test the machinery with. */
export const WIDGET: ResourceType = {
  group: 'test.example',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

export interface Widget extends KubeObject {
  spec?: { size?: number; secrets?: string[] };
  status?: object;
}

let versions = 0;

/** A Widget as an API server would show it; every one has a new resourceVersion. */
export function widget(
  name: string,
  overrides: Partial<Omit<Widget, 'metadata'>> & { metadata?: object } = {},
): Widget {
  versions += 1;
  const { metadata, ...rest } = overrides;
  return {
    apiVersion: 'test.example/v1',
    kind: 'Widget',
    ...rest,
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: String(versions),
      generation: 1,
      ...metadata,
    },
  };
}

import type { ResourceType } from '../../../../controller/operator/kube/resource.ts';

export const DEPLOYMENT: ResourceType = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
export const NETWORK_POLICY: ResourceType = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  namespaced: true,
};

/** The Deployment a controller would own; `cpu` is its request. */
export const senderDeployment = (namespace: string, cpu: string) => ({
  metadata: { namespace, name: 'sender', labels: { app: 'sender' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'sender' } },
    template: {
      metadata: { labels: { app: 'sender' } },
      spec: {
        containers: [
          {
            name: 'sender',
            image: 'mailers',
            ports: [{ containerPort: 8080 }],
            env: [{ name: 'A', value: 'b' }],
            resources: { requests: { cpu } },
          },
        ],
      },
    },
  },
});

/** A NetworkPolicy inside whose atomic list the server fills in a default. */
export const senderPolicy = (namespace: string) => ({
  metadata: { namespace, name: 'sender' },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 587 }] }] },
});

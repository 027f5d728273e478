import type { KubeObject } from '../kube/resource.ts';

/** What the operator reads of a Deployment. */
export interface LiveDeployment extends KubeObject {
  readonly spec?: {
    readonly template?: {
      readonly spec?: {
        readonly containers?: readonly {
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
        }[];
      };
    };
  };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

/** What the operator reads of a Job. */
export interface LiveJob extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

import { kubectl } from '../kubectl.ts';

type ResourceRule = {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
};

/**
 * What a service account may do with resources in a namespace, by the API server's own account, as sorted lines:
 * `apps/deployments: create get`, `coordination.k8s.io/leases[mailers-operator]: get`.
 */
export async function rightsOf(
  kubeconfig: string,
  account: { namespace: string; name: string },
  namespace: string,
): Promise<string[]> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  };
  const impersonation = `--as=system:serviceaccount:${account.namespace}:${account.name}`;
  const answer = await kubectl(
    kubeconfig,
    ['create', '--filename=-', '--output=json', '--validate=false', impersonation],
    { input: JSON.stringify(review) },
  );
  const { status } = JSON.parse(answer) as { status: { resourceRules: ResourceRule[]; incomplete: boolean } };
  if (status.incomplete) throw new Error('the API server could not name all rights');
  const verbs = new Map<string, Set<string>>();
  for (const rule of status.resourceRules) {
    for (const what of placesOf(rule)) {
      verbs.set(what, new Set([...(verbs.get(what) ?? []), ...rule.verbs]));
    }
  }
  return [...verbs].map(([what, those]) => `${what}: ${[...those].sort().join(' ')}`).sort();
}

function placesOf({ apiGroups = [], resources = [], resourceNames = [] }: ResourceRule): string[] {
  const names = resourceNames.length === 0 ? '' : `[${resourceNames.join(',')}]`;
  return apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}${names}`));
}

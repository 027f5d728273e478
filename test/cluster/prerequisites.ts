/** What a test may ask for: an API server alone, or a cluster that runs pods. */
export type Need = 'control-plane' | 'cluster';

/** What matters about a machine. */
export type MachineFacts = {
  hasDockerEngine: boolean;
  /** Namespaces and network links of its own are only root's to make. */
  isRoot: boolean;
  /** containerd, buildah and the like come from Debian's packages. */
  isDebianLike: boolean;
  hasOpenssl: boolean;
  /** Whether the programs that the need calls for are in the cache, or Go is there (or to be had) to build them. */
  programs: 'built' | 'buildable' | 'out of reach';
};

/** How a machine runs a cluster: `kind` where a container engine answers, else on the machine itself. */
export type ClusterKind = 'kind' | 'native';

export function clusterKind(facts: Pick<MachineFacts, 'hasDockerEngine'>): ClusterKind {
  return facts.hasDockerEngine ? 'kind' : 'native';
}

/** One sentence that names what the machine lacks for the need, or undefined when it lacks nothing. */
export function whatIsMissing(need: Need, facts: MachineFacts): string | undefined {
  if (facts.programs === 'out of reach') {
    return 'Kubernetes cannot be built here: install Go 1.26 or newer, or python3 with pip to fetch it.';
  }
  if (need === 'cluster') return missingForCluster(facts);
  return facts.hasOpenssl ? undefined : 'The API server needs certificates: install openssl.';
}

function missingForCluster(facts: MachineFacts): string | undefined {
  if (clusterKind(facts) === 'kind') return undefined;
  if (!facts.isRoot) {
    return 'No cluster can run here: no Docker engine answers, and without one it takes root (on Debian or Ubuntu).';
  }
  return facts.isDebianLike
    ? undefined
    : 'No cluster can run here: no Docker engine answers, and without one it takes Debian or Ubuntu.';
}

/**
 * The native cluster's addresses, from the range that is set aside for benchmarks (198.18.0.0/15), so that no real network is hit.
 * The node lives in a network namespace with no way out: nothing in the cluster can reach anything but this machine's `host`.
 */
export const addresses = {
  /** The node: API server, kubelet, cluster DNS. */
  node: '198.19.255.1',
  /** This machine as pods see it: a test that listens here can be reached from pods. */
  host: '198.19.0.254',
  pods: '198.19.0.0/24',
  firstPod: '198.19.0.2',
  lastPod: '198.19.0.250',
  services: '198.18.0.0/24',
  /** The `kubernetes` Service, by Kubernetes' rule the first of the range. */
  apiService: '198.18.0.1',
} as const;

export const nodeName = 'node';
export const clusterDomain = 'cluster.local';

/** The machine's end of the cable into the node's namespace. */
export const hostLink = 'mlr0';

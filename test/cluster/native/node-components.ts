import { join } from 'node:path';
import { binaryPath } from '../binaries.ts';
import { cacheDirectory } from '../environment.ts';
import { pauseImage } from '../image-names.ts';
import { kubeconfigPath } from '../plane/kubeconfig.ts';
import { pkiFolder } from '../plane/pki.ts';
import type { Daemon } from '../process/daemon.ts';
import { addresses, clusterDomain, nodeName } from './addresses.ts';
import { nodeCgroup } from './cgroups.ts';

/** The socket of the node's containerd, also reachable from outside its namespaces. */
export function containerdSocket(dir: string): string {
  return join(dir, 'containerd.sock');
}

/** Runs the pods' containers. It pulls nothing: the only images are those imported into it. */
export function containerd(dir: string): Daemon {
  return { dir, name: 'containerd', argv: ['containerd', '--config', join(dir, 'containerd.toml')] };
}

/** containerd without the part that serves the kubelet, to fill its image store before. */
export function imageStoreKeeper(dir: string): Daemon {
  return { dir, name: 'image-store', argv: ['containerd', '--config', join(dir, 'image-store.toml')] };
}

/** Images stay here when the cluster goes down: unpacking them anew takes longer than all the rest of the next start. */
export function imageStoreFolder(): string {
  return join(cacheDirectory(), 'cluster', 'images');
}

export function kubelet(dir: string): Daemon {
  return {
    dir,
    name: 'kubelet',
    argv: [
      binaryPath('kubelet'),
      `--kubeconfig=${kubeconfigPath(dir, 'kubelet')}`,
      `--config=${join(dir, 'kubelet.json')}`,
      `--root-dir=${join(dir, 'kubelet')}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${addresses.node}`,
    ],
  };
}

/** Carries Service addresses to pods. */
export function kubeProxy(dir: string): Daemon {
  return {
    dir,
    name: 'kube-proxy',
    argv: [binaryPath('kube-proxy'), `--config=${join(dir, 'kube-proxy.json')}`],
  };
}

/** Resolves Service names for pods. */
export function coredns(dir: string): Daemon {
  return { dir, name: 'coredns', argv: [binaryPath('coredns'), '-conf', join(dir, 'Corefile')] };
}

/** The configuration files of the node's programs, by file name. */
export function nodeConfiguration(dir: string): Record<string, string> {
  return {
    'containerd.toml': containerdConfiguration(dir, [unusedPlugin]),
    'image-store.toml': containerdConfiguration(dir, [unusedPlugin, 'io.containerd.grpc.v1.cri']),
    'kubelet.json': JSON.stringify(kubeletConfiguration(dir)),
    'kube-proxy.json': JSON.stringify(proxyConfiguration(dir)),
    Corefile: corefile(dir),
    [join('cni', '10-pods.conflist')]: JSON.stringify(podNetwork(dir)),
  };
}

/** It would make a folder in /opt. */
const unusedPlugin = 'io.containerd.internal.v1.opt';

/** `restrict_oom_score_adj`: a sandbox may not lower the score of what it starts. */
function containerdConfiguration(dir: string, disabledPlugins: readonly string[]): string {
  return `version = 2
root = "${imageStoreFolder()}"
state = "${dir}/containerd"
disabled_plugins = ${JSON.stringify(disabledPlugins)}
[grpc]
address = "${containerdSocket(dir)}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${pauseImage}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${dir}/cni"
`;
}

/** `failCgroupV1`, `failSwapOn`, `enforceNodeAllocatable`, `localStorageCapacityIsolation`: runs on any Linux as it is. */
function kubeletConfiguration(dir: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(pkiFolder(dir), 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(pkiFolder(dir), 'kubelet.crt'),
    tlsPrivateKeyFile: join(pkiFolder(dir), 'kubelet.key'),
    clusterDNS: [addresses.node],
    clusterDomain,
    resolvConf: '',
    containerRuntimeEndpoint: `unix://${containerdSocket(dir)}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${nodeCgroup}`,
    enforceNodeAllocatable: [],
    evictionHard: { 'memory.available': '100Mi' },
    failCgroupV1: false,
    failSwapOn: false,
    healthzBindAddress: '127.0.0.1',
    imageGCHighThresholdPercent: 100,
    localStorageCapacityIsolation: false,
    // Mounted Secrets and ConfigMaps follow their objects within this time; the default is a minute.
    syncFrequency: '3s',
    podLogsDir: join(dir, 'pod-logs'),
    volumePluginDir: join(dir, 'kubelet', 'volume-plugins'),
  };
}

/** Connection tracking limits belong to the whole machine: left alone. */
function proxyConfiguration(dir: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: kubeconfigPath(dir, 'kube-proxy') },
    mode: 'iptables',
    hostnameOverride: nodeName,
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}

/** Any other name does not exist: the cluster has no way to the outside. */
function corefile(dir: string): string {
  return `.:53 {
  bind ${addresses.node}
  errors
  kubernetes ${clusterDomain} in-addr.arpa {
    kubeconfig ${kubeconfigPath(dir, 'coredns')}
    ttl 1
  }
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`;
}

function podNetwork(dir: string): object {
  const ranges = [[{ subnet: addresses.pods, rangeStart: addresses.firstPod, rangeEnd: addresses.lastPod }]];
  const ipam = {
    type: 'host-local',
    ranges,
    routes: [{ dst: '0.0.0.0/0' }],
    dataDir: join(dir, 'cni-addresses'),
  };
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'ptp', ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

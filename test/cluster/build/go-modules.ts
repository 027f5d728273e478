/** A program that is built from its public Go module, because no prebuilt binary can be relied on. */
export type GoModule = {
  module: string;
  version: string;
  /** Binary name → package path of its main; `./NAME` is a program of ours in build/programs that uses the module. */
  packages: Readonly<Record<string, string>>;
  /** Variables that the program's own release build stamps into it. */
  stamps?: Readonly<Record<string, string>>;
};

const kubernetesVersion = 'v1.35.4';
const versionPackage = 'k8s.io/component-base/version';

/** Kubernetes reads its own version for feature gates and CEL compatibility: unstamped it would call itself v0.0.0. */
const kubernetes = {
  module: 'k8s.io/kubernetes',
  version: kubernetesVersion,
  packages: {
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    kubelet: 'k8s.io/kubernetes/cmd/kubelet',
    'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
  },
  stamps: {
    [`${versionPackage}.gitVersion`]: kubernetesVersion,
    [`${versionPackage}.gitMajor`]: '1',
    [`${versionPackage}.gitMinor`]: '35',
  },
} as const satisfies GoModule;

const etcd = {
  module: 'go.etcd.io/etcd/server/v3',
  version: 'v3.6.14',
  packages: { etcd: 'go.etcd.io/etcd/server/v3' },
} as const satisfies GoModule;

const coredns = {
  module: 'github.com/coredns/coredns',
  version: 'v1.15.0',
  packages: { coredns: './coredns', pause: './pause' },
} as const satisfies GoModule;

const helm = {
  module: 'helm.sh/helm/v4',
  version: 'v4.3.1',
  packages: { helm: 'helm.sh/helm/v4/cmd/helm' },
} as const satisfies GoModule;

const kubeconform = {
  module: 'github.com/yannh/kubeconform',
  version: 'v0.8.0',
  packages: { kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform' },
} as const satisfies GoModule;

const kustomizeController = {
  module: 'github.com/fluxcd/kustomize-controller',
  version: 'v1.9.6',
  packages: { 'kustomize-controller': 'github.com/fluxcd/kustomize-controller' },
} as const satisfies GoModule;

const kind = {
  module: 'sigs.k8s.io/kind',
  version: 'v0.33.0',
  packages: { kind: 'sigs.k8s.io/kind' },
} as const satisfies GoModule;

export const goModules = [kubernetes, etcd, coredns, helm, kubeconform, kustomizeController, kind] as const;

/** Every program that the test cluster can build. */
export type BinaryName = (typeof goModules)[number] extends infer M
  ? M extends { packages: infer P }
    ? keyof P & string
    : never
  : never;

/**
 * Where the API server is and as whom to speak to it: from kubeconfig files or from inside a pod.
 *
 * The parsing is client-node's, imported file by file: its index loads every generated model, 80 MB and two seconds
 * that a pod with a 170 MB budget has better use for.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import {
  newClusters,
  newContexts,
  newUsers,
  type Cluster,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';

/** Everything a transport needs to reach one API server. Certificates and tokens stay in files where they are in files. */
export interface ClusterAccess {
  cluster: Cluster;
  user: User;
  /** The namespace of the context or of our pod; `default` when neither names one. */
  namespace: string;
}

/** The fields of a kubeconfig that need a look before client-node's parser sees them. */
interface KubeconfigFile {
  'current-context'?: string;
  clusters?: { name?: string; cluster?: Record<string, unknown> }[];
  users?: { name?: string; user?: Record<string, unknown> }[];
  contexts?: unknown[];
}

/**
 * Reads kubeconfig files as kubectl does: the first file that names a thing wins.
 * @param paths the files, in the order of $KUBECONFIG.
 * @param contextName instead of the current context.
 * @throws with the file, context, cluster or user that is missing or malformed.
 */
export async function accessFromKubeconfig(
  paths: readonly string[],
  contextName?: string,
): Promise<ClusterAccess> {
  const files = await Promise.all(paths.map(readKubeconfig));
  const contexts = files.flatMap((file) => newContexts(file.contexts ?? []));
  const wanted = contextName ?? files.find((file) => file['current-context'])?.['current-context'];
  const source = paths.join(', ');
  if (!wanted) throw new Error(`${source} names no current context: run "kubectl config use-context NAME".`);
  const context = found(contexts, wanted, `context in ${source}`);
  return {
    cluster: found(
      files.flatMap((file) => newClusters(file.clusters ?? [])),
      context.cluster,
      `cluster in ${source}`,
    ),
    user: found(
      files.flatMap((file) => newUsers(file.users ?? [])),
      context.user,
      `user in ${source}`,
    ),
    namespace: context.namespace ?? 'default',
  };
}

function found<T extends { name: string }>(list: readonly T[], name: string, what: string): T {
  const match = list.find((entry) => entry.name === name);
  if (match === undefined) throw new Error(`There is no ${what} called "${name}".`);
  return match;
}

async function readKubeconfig(path: string): Promise<KubeconfigFile> {
  // Loaded on demand: inside a cluster there is no YAML to read.
  const { parse } = await import('yaml');
  const file: KubeconfigFile | null = parse(await readFile(path, 'utf8'));
  if (file === null || typeof file !== 'object')
    throw new Error(`${path} is not a kubeconfig: it holds no map.`);
  const folder = dirname(path);
  for (const { cluster } of file.clusters ?? []) makeAbsolute(cluster, 'certificate-authority', folder);
  for (const { user } of file.users ?? []) {
    makeAbsolute(user, 'client-certificate', folder);
    makeAbsolute(user, 'client-key', folder);
    makeAbsolute(user, 'tokenFile', folder);
    // The parser knows no tokenFile; as an auth provider the file is read again as it changes.
    const tokenFile = user?.['tokenFile'];
    if (user && typeof tokenFile === 'string') user['auth-provider'] = tokenFileProvider(tokenFile);
  }
  return file;
}

function makeAbsolute(fields: Record<string, unknown> | undefined, name: string, folder: string): void {
  const path = fields?.[name];
  if (fields !== undefined && typeof path === 'string') fields[name] = resolve(folder, path);
}

function tokenFileProvider(tokenFile: string): User['authProvider'] {
  return { name: 'tokenFile', config: { tokenFile } };
}

/** Where a pod finds its API server: KUBERNETES_SERVICE_HOST and _PORT, and the mounted service account. */
export interface InClusterPlace {
  host: string;
  port: string;
  /** Folder with ca.crt, token and namespace. Default: where Kubernetes mounts a pod's service account. */
  serviceAccountDir?: string;
}

const SERVICE_ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Access with the pod's own service account. The token file is read again as the kubelet rotates it.
 * @throws when no service account is mounted.
 */
export async function accessInCluster(place: InClusterPlace): Promise<ClusterAccess> {
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  const folder = place.serviceAccountDir ?? SERVICE_ACCOUNT_DIR;
  const namespace = await readFile(resolve(folder, 'namespace'), 'utf8');
  return {
    cluster: {
      name: 'in-cluster',
      server: `https://${host}:${place.port}`,
      caFile: resolve(folder, 'ca.crt'),
      skipTLSVerify: false,
    },
    user: { name: 'in-cluster', authProvider: tokenFileProvider(resolve(folder, 'token')) },
    namespace: namespace.trim(),
  };
}

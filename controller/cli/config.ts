import { isAbsolute, join } from 'node:path';
import { z } from 'zod';

/** What the environment says. The only place that reads it; command-line options win over it. */
const configSchema = z.object({
  REDIS_URL: z.string().min(1).default('redis://127.0.0.1:6379'),
  MAILERS_LEDGER_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or "-"')
    .default('mailers'),
  MAILERS_LEDGER_ID: z.string().min(1).optional(),
  MAILERS_STATE_DIR: z.string().min(1).optional(),
  XDG_STATE_HOME: z.string().optional(),
  HOME: z.string().default('/'),
  MAILERS_REDIS_MIN_REPLICAS: z.coerce.number().int().min(0).max(9).default(0),
  MAILERS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),
  HOSTNAME: z.string().default('localhost'),
});

export interface Config {
  readonly redisUrl: string;
  readonly ledgerPrefix: string;
  /** The ledger that must be there, e.g. as the operator tells its pods; undefined = this machine may remember one. */
  readonly ledgerId: string | undefined;
  /** Where this machine remembers which ledgers it used. */
  readonly stateDirectory: string;
  /** So many replicas of Redis are demanded. */
  readonly minReplicas: number;
  /** Undefined: the command decides. */
  readonly logLevel: string | undefined;
  readonly hostName: string;
}

/** Reads the environment; throws one sentence per wrong variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = configSchema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  return {
    redisUrl: parsed.data.REDIS_URL,
    ledgerPrefix: parsed.data.MAILERS_LEDGER_PREFIX,
    ledgerId: parsed.data.MAILERS_LEDGER_ID,
    minReplicas: parsed.data.MAILERS_REDIS_MIN_REPLICAS,
    stateDirectory: parsed.data.MAILERS_STATE_DIR ?? join(stateHome(parsed.data), 'mailers'),
    logLevel: parsed.data.MAILERS_LOG_LEVEL,
    hostName: parsed.data.HOSTNAME,
  };
}

/** As the XDG base directory specification says: a relative path is ignored. */
function stateHome({
  XDG_STATE_HOME: configured = '',
  HOME,
}: {
  XDG_STATE_HOME?: string | undefined;
  HOME: string;
}) {
  return isAbsolute(configured) ? configured : join(HOME, '.local', 'state');
}

/** The environment for a child process of ours, with some variables set. */
export function childEnvironment(
  variables: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return { ...process.env, ...variables };
}

const list = z.string().transform((text) => text.split(',').filter((part) => part !== ''));

const operatorConfigSchema = z.object({
  KUBECONFIG: list.default([]),
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  KUBERNETES_SERVICE_PORT: z.string().default('443'),
  POD_NAME: z.string().optional(),
  POD_NAMESPACE: z.string().optional(),
  MAILERS_LEASE_NAMESPACE: z.string().optional(),
  MAILERS_WATCH_NAMESPACES: list.default([]),
  MAILERS_WATCH_SECRETS: z.enum(['true', 'false']).default('true'),
  MAILERS_SENDER_IMAGE: z.string().min(1).default('docker.io/library/mailers:latest'),
  MAILERS_SENDER_REDIS_SECRET: z.string().min(1).default('mailers-redis'),
  MAILERS_OBJECT_METRICS: z.enum(['true', 'false']).default('true'),
  MAILERS_STATUS_WRITES_PER_SECOND: z.coerce.number().positive().default(20),
  MAILERS_HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
});

/** What `mailers operator` needs besides `Config`. */
export interface OperatorConfig {
  /** Kubeconfig files, as in $KUBECONFIG; empty = the pod's own service account. */
  readonly kubeconfigs: readonly string[];
  /** Where a pod finds its API server; undefined outside of a pod. */
  readonly apiServer: { readonly host: string; readonly port: string } | undefined;
  readonly podName: string | undefined;
  readonly podNamespace: string | undefined;
  /** Undefined = that of the kubeconfig or the pod. */
  readonly leaseNamespace: string | undefined;
  /** Empty = all. */
  readonly watchNamespaces: readonly string[];
  readonly isWatchingSecrets: boolean;
  /** Whether each object has series of its own in /metrics. */
  readonly isTellingObjects: boolean;
  readonly senderImage: string;
  readonly senderRedisSecret: string;
  readonly statusWritesPerSecond: number;
  readonly healthPort: number;
}

/** Reads the operator's part of the environment; throws one sentence per wrong variable. */
export function readOperatorConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OperatorConfig {
  const { KUBECONFIG: kubeconfigs = '', ...rest } = environment;
  const parsed = operatorConfigSchema.safeParse({ ...rest, KUBECONFIG: kubeconfigs.replaceAll(':', ',') });
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  const { data } = parsed;
  const host = data.KUBERNETES_SERVICE_HOST;
  return {
    kubeconfigs: data.KUBECONFIG,
    apiServer: host === undefined ? undefined : { host, port: data.KUBERNETES_SERVICE_PORT },
    podName: data.POD_NAME,
    podNamespace: data.POD_NAMESPACE,
    leaseNamespace: data.MAILERS_LEASE_NAMESPACE ?? data.POD_NAMESPACE,
    watchNamespaces: data.MAILERS_WATCH_NAMESPACES,
    isWatchingSecrets: data.MAILERS_WATCH_SECRETS === 'true',
    isTellingObjects: data.MAILERS_OBJECT_METRICS === 'true',
    senderImage: data.MAILERS_SENDER_IMAGE,
    senderRedisSecret: data.MAILERS_SENDER_REDIS_SECRET,
    statusWritesPerSecond: data.MAILERS_STATUS_WRITES_PER_SECOND,
    healthPort: data.MAILERS_HEALTH_PORT,
  };
}

import type { Plan } from '../../api/plan.ts';
import type { SendingPool } from '../../api/resource.ts';
import { DRAIN_LIMIT_MS } from '../../domain/drain.ts';
import type { Intent } from '../kube/resource.ts';
import { LEDGER_ID } from './expected-ledger.ts';
import { GROUP_LABEL, ownedBy, poolLabels, poolSelector } from './object-labels.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from './pod-security.ts';
import { secretSources } from './secret-sources.ts';
import { senderName, type SenderGroup } from './sender-group.ts';
import { REDIS_URL_KEY, type PodSettings } from './sender-settings.ts';

/** Where the sender looks for credentials, as SECRET/KEY. */
const SECRETS_DIRECTORY = '/var/run/mailers/secrets';
export const SENDER_HEALTH_PORT = 8081;
/** The sender's own limit and time to say what it could not write down. */
const DRAIN_SECONDS = DRAIN_LIMIT_MS / 1000 + 10;
/** Many versions of a pod template would be of no use: the plan is in Git. */
const REVISIONS_KEPT = 2;
/** Where the pool says nothing: enough for some hundred mailboxes. */
const RESOURCES = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } };

/** The Deployment of one group of a pool's senders. */
export function senderDeployment(
  pool: SendingPool,
  plan: Plan,
  group: SenderGroup,
  settings: PodSettings,
): Intent {
  const { name, namespace } = pool.metadata;
  const selector = { ...poolSelector(name), [GROUP_LABEL]: group.label };
  const labels = { ...poolLabels(name), [GROUP_LABEL]: group.label };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: group.name, namespace, labels, ...ownedBy(pool) },
    spec: {
      replicas: group.replicas,
      revisionHistoryLimit: REVISIONS_KEPT,
      selector: { matchLabels: selector },
      // New pods take their share of the lanes while old ones drain: sending goes on through a change.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: podSpec(pool, plan, group, settings) },
    },
  };
}

function podSpec(pool: SendingPool, plan: Plan, group: SenderGroup, settings: PodSettings): object {
  const { name } = pool.metadata;
  const sources = secretSources(plan, group.routes);
  return {
    serviceAccountName: senderName(name),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: DRAIN_SECONDS,
    securityContext: POD_SECURITY,
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { ...poolSelector(name), [GROUP_LABEL]: group.label } },
      },
    ],
    containers: [container(pool, group, settings, sources.length > 0)],
    ...(sources.length === 0
      ? {}
      : { volumes: [{ name: 'secrets', projected: { defaultMode: 0o440, sources } }] }),
  };
}

function container(
  pool: SendingPool,
  group: SenderGroup,
  settings: PodSettings,
  hasSecrets: boolean,
): object {
  const { namespace, name } = pool.metadata;
  const routes = group.isRestricted ? ['--route', ...group.routes.map(({ route }) => route)] : [];
  return {
    name: 'sender',
    image: settings.image,
    imagePullPolicy: 'IfNotPresent',
    args: ['sender', '--pool', `${namespace}/${name}`, ...routes],
    env: ledgerEnvironment(settings),
    ports: [{ name: 'health', containerPort: SENDER_HEALTH_PORT, protocol: 'TCP' }],
    startupProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 1, failureThreshold: 60 },
    livenessProbe: {
      httpGet: { path: '/healthz', port: 'health' },
      periodSeconds: 10,
      timeoutSeconds: 2,
      failureThreshold: 3,
    },
    readinessProbe: { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 2, timeoutSeconds: 2 },
    resources: pool.spec.senders.resources ?? RESOURCES,
    securityContext: CONTAINER_SECURITY,
    ...(hasSecrets
      ? { volumeMounts: [{ name: 'secrets', mountPath: SECRETS_DIRECTORY, readOnly: true }] }
      : {}),
  };
}

/** What every role needs to find the ledger, and to know it again: in an emptied Redis, a pod must not begin anew. */
export function ledgerEnvironment(settings: PodSettings): object[] {
  const { redisSecret: name, ledgerPrefix, ledgerId } = settings;
  return [
    { name: 'REDIS_URL', valueFrom: { secretKeyRef: { name, key: REDIS_URL_KEY } } },
    { name: 'MAILERS_LEDGER_PREFIX', value: ledgerPrefix },
    { name: LEDGER_ID, value: ledgerId },
  ];
}

import type { Plan, PlanRoute } from '../../api/plan.ts';
import type { SendingPool } from '../../api/resource.ts';
import type { Intent } from '../kube/resource.ts';
import { ownedBy, poolLabels, poolSelector } from './object-labels.ts';
import { SENDER_HEALTH_PORT } from './sender-deployment.ts';
import { senderName } from './sender-group.ts';
import type { SenderSettings } from './sender-settings.ts';

const HTTPS_PORT = 443;

function identity(pool: SendingPool): Intent['metadata'] {
  const { name, namespace } = pool.metadata;
  return { name: senderName(name), namespace, labels: poolLabels(name), ...ownedBy(pool) };
}

/** Whom the sender pods run as: nobody with a right to anything. */
export function senderServiceAccount(pool: SendingPool): Intent {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: identity(pool),
    automountServiceAccountToken: false,
  };
}

/** A node that is drained takes one sender pod at a time; one that is broken anyway holds nobody up. */
export function senderDisruptionBudget(pool: SendingPool): Intent {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: identity(pool),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: poolSelector(pool.metadata.name) },
    },
  };
}

const tcp = (port: number): object => ({ protocol: 'TCP', port });

/** Port of the service that gives a login its tokens; where the Secret alone names the service, the usual one. */
function tokenPorts({ auth }: PlanRoute): number[] {
  if (auth.method === 'ServiceAccount') return [HTTPS_PORT];
  if (auth.method !== 'OAuth2') return [];
  const { port } = new URL(auth.tokenUrl);
  return [port === '' ? HTTPS_PORT : Number(port)];
}

/** Ports at which the plan's providers take mail, show what was sent (evidence), and give tokens. */
function providerPorts(plan: Plan): number[] {
  const ports = [
    ...[...plan.mailboxes, ...plan.esps].flatMap((route) => [route.endpoint.port, ...tokenPorts(route)]),
    ...plan.mailboxes.flatMap(({ imap }) => imap?.port ?? []),
  ];
  return [...new Set(ports)].sort((a, b) => a - b);
}

/**
 * What the sender pods may reach: names, the ledger and the ports of their providers, whose addresses nobody can list; and who may reach
 * them: probes.
 */
export function senderNetworkPolicy(pool: SendingPool, plan: Plan, settings: SenderSettings): Intent {
  const ports = providerPorts(plan);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: identity(pool),
    spec: {
      podSelector: { matchLabels: poolSelector(pool.metadata.name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [tcp(SENDER_HEALTH_PORT)] }],
      egress: [
        // 5353: where DNS pods listen on another port than their Service, as on OpenShift.
        { ports: [53, 5353].flatMap((port) => [{ protocol: 'UDP', port }, tcp(port)]) },
        { ports: settings.ledgerPorts.map(tcp) },
        ...(ports.length === 0 ? [] : [{ ports: ports.map(tcp) }]),
      ],
    },
  };
}

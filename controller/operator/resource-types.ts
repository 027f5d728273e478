/** Where the kinds live that the operator reads and makes. */
import { API_GROUP, API_VERSION, type KindName } from '../api/resource-kind.ts';
import type { ResourceType } from './kube/resource.ts';

/** As in `KINDS`, whose schemas the operator has no use for: the API server checks, and they take 15 MB of memory. */
const PLURALS: Readonly<Record<KindName, string>> = {
  Mailbox: 'mailboxes',
  EmailServiceProvider: 'emailserviceproviders',
  SendingPool: 'sendingpools',
  SuppressionList: 'suppressionlists',
  Template: 'templates',
  Campaign: 'campaigns',
};

/** One of our own kinds. */
export function ownType(kind: KindName): ResourceType {
  return { group: API_GROUP, version: API_VERSION, kind, plural: PLURALS[kind], namespaced: true };
}

function builtIn(group: string, version: string, kind: string): ResourceType {
  const singular = kind.toLowerCase();
  const plural = singular.endsWith('y') ? `${singular.slice(0, -1)}ies` : `${singular}s`;
  return { group, version, kind, plural, namespaced: true };
}

export const SECRET = builtIn('', 'v1', 'Secret');
export const CONFIG_MAP = builtIn('', 'v1', 'ConfigMap');
export const SERVICE_ACCOUNT = builtIn('', 'v1', 'ServiceAccount');
export const DEPLOYMENT = builtIn('apps', 'v1', 'Deployment');
export const JOB = builtIn('batch', 'v1', 'Job');
export const POD_DISRUPTION_BUDGET = builtIn('policy', 'v1', 'PodDisruptionBudget');
export const NETWORK_POLICY = builtIn('networking.k8s.io', 'v1', 'NetworkPolicy');

import type { Campaign, SendingPool } from '../../api/resource.ts';
import type { ObjectMeta } from '../kube/resource.ts';
import { labelValue } from './object-name.ts';

/** Owns every field that the operator sets, on owned objects and in statuses. */
export const FIELD_MANAGER = 'mailers';

/** Selects all objects that the operator makes. */
export const MADE_BY_US = 'app.kubernetes.io/managed-by=mailers-operator';

export const POOL_LABEL = 'mailers.io/pool';
/** Which of a pool's sender Deployments a pod belongs to. */
export const GROUP_LABEL = 'mailers.io/sender-group';
const CAMPAIGN_LABEL = 'mailers.io/campaign';

/** What the sender pods of a pool are selected by, all Deployments together. Never changes. */
export function poolSelector(pool: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'mailers',
    'app.kubernetes.io/component': 'sender',
    [POOL_LABEL]: labelValue(pool),
  };
}

/** The selector in the form of the scale subresource. */
export function selectorText(selector: Readonly<Record<string, string>>): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Labels of everything that is made for a pool; `part-of` is how other NetworkPolicies know our pods. */
export function poolLabels(pool: string): Record<string, string> {
  return {
    ...poolSelector(pool),
    'app.kubernetes.io/instance': labelValue(pool),
    'app.kubernetes.io/part-of': 'mailers',
    'app.kubernetes.io/managed-by': 'mailers-operator',
  };
}

/** Labels of a campaign's import Job. */
export function importLabels(campaign: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'mailers',
    'app.kubernetes.io/component': 'import',
    'app.kubernetes.io/part-of': 'mailers',
    'app.kubernetes.io/managed-by': 'mailers-operator',
    [CAMPAIGN_LABEL]: labelValue(campaign),
  };
}

/** The owner of what is made: the garbage collector deletes that after it. */
export function ownedBy(owner: SendingPool | Campaign): Required<Pick<ObjectMeta, 'ownerReferences'>> {
  const { name, uid = '' } = owner.metadata;
  const { apiVersion, kind } = owner;
  return {
    ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
  };
}

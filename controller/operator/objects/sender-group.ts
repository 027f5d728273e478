import type { Plan, PlanRoute } from '../../api/plan.ts';
import type { SendingPool } from '../../api/resource.ts';
import { labelValue, objectName } from './object-name.ts';

/** Sender pods that are alike: one Deployment. */
export interface SenderGroup {
  /** Name of the Deployment. */
  readonly name: string;
  /** Value of the group label. */
  readonly label: string;
  readonly replicas: number;
  /** The routes that they serve. */
  readonly routes: readonly PlanRoute[];
  /** False when they serve whatever the plan has: then a new route restarts no pod but for its Secret. */
  readonly isRestricted: boolean;
}

/** Name of what a pool has once: its ServiceAccount, PodDisruptionBudget, NetworkPolicy and shared Deployment. */
export function senderName(pool: string): string {
  return objectName(`${pool}-sender`);
}

/**
 * The pool's Deployments: one, or with isolation one per mailbox and one for all providers. A mailbox has one connection at a time, so more
 * than one pod for it would stand idle.
 */
export function senderGroups(pool: SendingPool, plan: Plan): SenderGroup[] {
  const { replicas, isolation } = pool.spec.senders;
  const { name } = pool.metadata;
  if (isolation === 'Shared') {
    const routes = [...plan.mailboxes, ...plan.esps];
    return [{ name: senderName(name), label: 'all', replicas, routes, isRestricted: false }];
  }
  const groups: SenderGroup[] = plan.mailboxes.map((mailbox) => ({
    name: objectName(`${name}-sender-mailbox-${mailbox.name}`),
    label: labelValue(`mailbox.${mailbox.name}`),
    replicas: Math.min(replicas, 1),
    routes: [mailbox],
    isRestricted: true,
  }));
  if (plan.esps.length > 0) {
    const routes = plan.esps;
    groups.push({
      name: objectName(`${name}-sender-esps`),
      label: 'esps',
      replicas,
      routes,
      isRestricted: true,
    });
  }
  return groups;
}

import type { Intent, KubeObject } from '../../kube/resource.ts';
import { expectedLedger, type LedgerNames } from '../../objects/expected-ledger.ts';
import { senderDeployment } from '../../objects/sender-deployment.ts';
import { senderGroups } from '../../objects/sender-group.ts';
import type { SenderSettings } from '../../objects/sender-settings.ts';
import {
  senderDisruptionBudget,
  senderNetworkPolicy,
  senderServiceAccount,
} from '../../objects/sender-surroundings.ts';
import type { PoolState } from './pool-state.ts';

/** What is to be there of one kind, and what of it is there and must go. */
interface Wanted {
  readonly intents: readonly Intent[];
  readonly stale: readonly KubeObject[];
}

export interface PoolDecision {
  readonly serviceAccounts: Wanted;
  readonly networkPolicies: Wanted;
  readonly disruptionBudgets: Wanted;
  readonly deployments: Wanted;
}

/** What must be there for the pool as it is declared: pure. */
export function decidePool(state: PoolState, settings: SenderSettings, ledger: LedgerNames): PoolDecision {
  const { pool, plan } = state;
  const live = new Map(state.deployments.map((deployment) => [deployment.metadata.name, deployment]));
  const deployments = senderGroups(pool, plan).map((group) => {
    const ledgerId = expectedLedger(live.get(group.name), ledger);
    return senderDeployment(pool, plan, group, { ...settings, ledgerId });
  });
  return {
    serviceAccounts: wanted([senderServiceAccount(pool)], state.serviceAccounts),
    networkPolicies: wanted([senderNetworkPolicy(pool, plan, settings)], state.networkPolicies),
    disruptionBudgets: wanted([senderDisruptionBudget(pool)], state.disruptionBudgets),
    deployments: wanted(deployments, state.deployments),
  };
}

function wanted(intents: readonly Intent[], live: readonly KubeObject[]): Wanted {
  const names = new Set(intents.map(({ metadata }) => metadata.name));
  return { intents, stale: live.filter(({ metadata }) => !names.has(metadata.name)) };
}

import { poolStatus } from '../../../domain/status/pool-status.ts';
import { buildReport } from '../../../domain/status/build-report.ts';
import type { SendingPool } from '../../../api/resource.ts';
import { ApiError, isInvalid } from '../../kube/api-error.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { poolSelector, selectorText } from '../../objects/object-labels.ts';
import { compilationOf, momentOf, type Desk } from '../desk.ts';
import { applyOwned } from '../owned-objects.ts';
import { decidePool, type PoolDecision } from './pool-decision.ts';
import { gatherPool, type PoolState } from './pool-state.ts';

/** A SendingPool becomes sender pods and what surrounds them. */
export function poolReconciler(desk: Desk): Reconcile {
  return async (key, { signal }) => {
    const pool = desk.caches.own.SendingPool.cache.get(key);
    const plan = pool && planOf(desk, pool);
    if (pool === undefined || plan === undefined) return { reason: 'gone, or about to be compiled' };
    const state = gatherPool(pool, plan, desk.caches);
    const decision = decidePool(state, desk.settings, desk.ledger);
    try {
      await applyPool(desk, decision, signal);
      reportPool(desk, state);
    } catch (error) {
      reportPool(desk, state, refusalOf(error));
      throw error;
    }
    return {};
  };
}

function planOf(desk: Desk, pool: SendingPool) {
  if (pool.metadata.deletionTimestamp !== undefined) return undefined;
  return compilationOf(desk, 'SendingPool', pool)?.plans.get(pool.metadata.name);
}

/** What the API server will refuse again until somebody changes something; undefined = another error, which passes. */
function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || !(isInvalid(error) || error.status === 403)) return undefined;
  const what = error.detail === '' ? error.message : error.detail;
  return `the API server refuses what the pool asks for: ${what}`;
}

/** Pods last: what they run as and may reach is there before them. */
async function applyPool(desk: Desk, decision: PoolDecision, signal: AbortSignal): Promise<void> {
  const { caches, applier } = desk;
  await applyOwned(caches.serviceAccounts, decision.serviceAccounts, applier, signal);
  await applyOwned(caches.networkPolicies, decision.networkPolicies, applier, signal);
  await applyOwned(caches.disruptionBudgets, decision.disruptionBudgets, applier, signal);
  await applyOwned(caches.deployments, decision.deployments, applier, signal);
}

function reportPool(desk: Desk, { pool, plan, deployments }: PoolState, refusal?: string): void {
  const { namespace, name } = pool.metadata;
  const compiled = compilationOf(desk, 'SendingPool', pool);
  if (compiled === undefined) return;
  const moment = momentOf(desk, compiled, { kind: 'SendingPool', name });
  const facts = desk.facts.pool(namespace, name);
  const report = facts && buildReport([facts], moment.nowMs).pools[0];
  const isInForce = desk.publisher.planInForce(namespace, name)?.revision === plan.revision;
  const ledger = desk.losses.get(namespace) ?? desk.facts.health;
  const senders = {
    replicas: sum(deployments.map(({ status }) => status?.replicas ?? 0)),
    ready: sum(deployments.map(({ status }) => status?.readyReplicas ?? 0)),
    selector: selectorText(poolSelector(name)),
    ...(refusal === undefined ? {} : { refusal }),
    ...(isLedgerSecretMissing(desk, namespace) ? { missingSecret: desk.settings.redisSecret } : {}),
  };
  desk.statuses.report('SendingPool', pool, (known) =>
    poolStatus(
      {
        pool: known,
        senders,
        ...(isInForce ? { plan } : {}),
        ...(report === undefined ? {} : { report }),
        ...(facts === undefined ? {} : { counters: facts.routes }),
        ...(ledger === undefined ? {} : { ledger }),
      },
      moment,
    ),
  );
}

/** False when the operator may not look. */
function isLedgerSecretMissing({ caches, settings }: Desk, namespace: string): boolean {
  const { secrets } = caches;
  return secrets !== undefined && secrets.cache.get(`${namespace}/${settings.redisSecret}`) === undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

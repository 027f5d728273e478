/** One controller per kind of ours: what wakes it, and what it does then. */
import type { KindName } from '../api/resource-kind.ts';
import type { Random } from '../domain/ports/clock.ts';
import { BY_NAMESPACE, BY_SECRET, type OperatorCaches } from './caches.ts';
import { controllerKeysOf } from './kube/change-filter.ts';
import { Controller, type ControllerObserver } from './kube/controller.ts';
import type { Reconcile } from './kube/reconcile.ts';
import type { ResourceCache } from './kube/resource-cache.ts';
import { keyOf, type KubeObject } from './kube/resource.ts';
import { campaignReconciler } from './reconcilers/campaign/campaign-reconciler.ts';
import type { Desk } from './reconcilers/desk.ts';
import { espReconciler } from './reconcilers/email-service-provider/esp-reconciler.ts';
import { mailboxReconciler } from './reconcilers/mailbox/mailbox-reconciler.ts';
import { poolReconciler } from './reconcilers/sending-pool/pool-reconciler.ts';
import { suppressionListReconciler } from './reconcilers/suppression-list/suppression-list-reconciler.ts';
import { templateReconciler } from './reconcilers/template/template-reconciler.ts';

/** Reconciles of one kind at a time: most of them wait for nobody. */
const WORKERS = 4;
/** Pools and campaigns make objects and talk to the ledger. */
const MAKING_WORKERS = 8;

const RECONCILERS: Readonly<Record<KindName, (desk: Desk) => Reconcile>> = {
  Mailbox: mailboxReconciler,
  EmailServiceProvider: espReconciler,
  SendingPool: poolReconciler,
  SuppressionList: suppressionListReconciler,
  Template: templateReconciler,
  Campaign: campaignReconciler,
};

/** The controller of a kind. */
export function kindController(
  kind: KindName,
  desk: Desk,
  { random, observer }: { readonly random: Random; readonly observer: ControllerObserver },
): Controller {
  const cache = desk.caches.own[kind].cache as unknown as ResourceCache<KubeObject & { status?: object }>;
  const isMaking = kind === 'SendingPool' || kind === 'Campaign';
  const controller = new Controller({
    name: kind.toLowerCase(),
    primary: cache,
    reconcile: RECONCILERS[kind](desk),
    workers: isMaking ? MAKING_WORKERS : WORKERS,
    clock: desk.clock,
    random,
    log: desk.log,
    observer,
    // A changed object is compiled first, and woken then.
    ...(isMaking
      ? { isRelevant: () => false }
      : { isRelevant: 'Nothing', whenReady: () => desk.statuses.whenCaughtUp() }),
  });
  cache.subscribe({ handler: ({ key }) => desk.statuses.onSeen(kind, key, cache.get(key)) });
  if (kind === 'SendingPool') {
    watchOwned(controller, desk.caches);
    watchLedgerSecret(controller, desk);
  }
  if (kind === 'Campaign') watchAudiences(controller, desk.caches);
  return controller;
}

/** Whoever changes or deletes what was made for a pool has the pool look at it again. */
function watchOwned(controller: Controller, caches: OperatorCaches): void {
  const keysOf = controllerKeysOf('mailers.io', 'SendingPool');
  controller.watch(caches.deployments.cache, { keysOf });
  controller.watch(caches.serviceAccounts.cache, { keysOf });
  controller.watch(caches.disruptionBudgets.cache, { keysOf });
  controller.watch(caches.networkPolicies.cache, { keysOf });
}

/** The Secret without which no sender pod starts comes, or goes. */
function watchLedgerSecret(controller: Controller, { caches, settings }: Desk): void {
  const pools = caches.own.SendingPool.cache;
  caches.secrets?.cache.subscribe({
    isRelevant: () => false,
    keysOf: ({ metadata }) =>
      metadata.name === settings.redisSecret ? pools.keysByIndex(BY_NAMESPACE, metadata.namespace ?? '') : [],
    handler: ({ key }) => controller.enqueue(key),
  });
}

/** An import ends; the Secret with the rows changes. */
function watchAudiences(controller: Controller, caches: OperatorCaches): void {
  controller.watch(caches.jobs.cache, { keysOf: controllerKeysOf('mailers.io', 'Campaign') });
  if (caches.secrets === undefined) return;
  const campaigns = caches.own.Campaign.cache;
  controller.watch(caches.secrets.cache, {
    keysOf: ({ metadata }) => campaigns.keysByIndex(BY_SECRET, keyOf(metadata)),
  });
}

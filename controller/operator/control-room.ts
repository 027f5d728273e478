/** The caches, reconcilers and queues of one watched namespace, or of all, put together. */
import type { KindName } from '../api/resource-kind.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Random } from '../domain/ports/clock.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import { windowWatch } from '../domain/window.ts';
import { BY_SECRET, operatorCaches, type OperatorCaches } from './caches.ts';
import type { CompiledNamespace } from './compilation/compiled-namespace.ts';
import { ConfigMapContent } from './compilation/config-map-content.ts';
import { Publisher } from './compilation/publisher.ts';
import { LedgerFacts } from './facts/ledger-facts.ts';
import { Applier } from './kube/applier.ts';
import { controllerKeysOf } from './kube/change-filter.ts';
import type { TimerClock } from './kube/clock.ts';
import { Controller, type ControllerObserver } from './kube/controller.ts';
import type { EventRecorder } from './kube/event-recorder.ts';
import type { Log } from './kube/log.ts';
import type { Reconcile } from './kube/reconcile.ts';
import type { AnyCache, ResourceCache } from './kube/resource-cache.ts';
import { ResourceClient } from './kube/resource-client.ts';
import { keyOf, type KubeObject } from './kube/resource.ts';
import type { Transport } from './kube/transport.ts';
import { FIELD_MANAGER } from './objects/object-labels.ts';
import type { SenderSettings } from './objects/sender-settings.ts';
import { campaignReconciler } from './reconcilers/campaign/campaign-reconciler.ts';
import type { Desk, ImportAudience } from './reconcilers/desk.ts';
import { espReconciler } from './reconcilers/email-service-provider/esp-reconciler.ts';
import { mailboxReconciler } from './reconcilers/mailbox/mailbox-reconciler.ts';
import { NamespaceQueue } from './reconcilers/namespace/namespace-queue.ts';
import { namespaceReconciler } from './reconcilers/namespace/namespace-reconciler.ts';
import { poolReconciler } from './reconcilers/sending-pool/pool-reconciler.ts';
import { suppressionListReconciler } from './reconcilers/suppression-list/suppression-list-reconciler.ts';
import { templateReconciler } from './reconcilers/template/template-reconciler.ts';
import { CONFIG_MAP, ownType } from './resource-types.ts';
import { StatusDesk } from './status/status-desk.ts';

export interface ControlRoomParts {
  readonly transport: Transport;
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly settings: SenderSettings;
  readonly importAudience: ImportAudience;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly isWatchingSecrets: boolean;
  readonly statusWritesPerSecond: number;
  readonly observe: (controller: string) => ControllerObserver;
  readonly clock: TimerClock;
  readonly random: Random;
  readonly log: Log;
}

export interface ControlRoom {
  readonly caches: readonly AnyCache[];
  readonly controllers: readonly Pick<Controller, 'name' | 'start' | 'stop'>[];
  /** Begins to look at the ledger: for the leader. */
  start(): void;
  /** Ends what writes in the background. */
  stop(): Promise<void>;
}

/** Reconciles of one kind at a time: most of them wait for nobody. */
const WORKERS = 4;
/** Pools and campaigns make objects and talk to the ledger. */
const MAKING_WORKERS = 8;

export function controlRoom(parts: ControlRoomParts, namespace: string | undefined): ControlRoom {
  const { transport, clock, random, log, observe, policy } = parts;
  const caches = operatorCaches({ ...parts, namespace });
  const controllers = new Map<KindName, Controller<KubeObject>>();
  const wake = (within: string, keys: Iterable<string>): void => {
    for (const key of keys) {
      const slash = key.indexOf('/');
      controllers.get(key.slice(0, slash) as KindName)?.enqueue(`${within}/${key.slice(slash + 1)}`);
    }
  };
  const statuses = statusDesk(parts, (kind, key) => controllers.get(kind)?.enqueue(key, STATUS_RETRY_MS));
  const publisher = new Publisher(parts.ledger, log);
  const facts = new LedgerFacts({
    ...parts,
    onChanged: wake,
    onPlanLost: (within) => {
      publisher.forget(within);
      namespaces.wake(within);
    },
  });
  const desk: Desk = {
    ...parts,
    caches,
    compiled: new Map<string, CompiledNamespace>(),
    publisher,
    facts,
    statuses,
    applier: new Applier(FIELD_MANAGER),
    windowWatch: windowWatch(),
  };
  const content = new ConfigMapContent(new ResourceClient(transport, CONFIG_MAP));
  const reconcileNamespace = namespaceReconciler(desk, {
    policy,
    content,
    wake,
    onCompiled: (durationMs) => namespaces.onCompiled(durationMs),
  });
  const namespaces: NamespaceQueue = new NamespaceQueue({
    caches,
    reconcile: reconcileNamespace,
    clock,
    random,
    log,
    observer: observe('namespace'),
  });
  for (const kind of Object.keys(caches.own) as KindName[]) {
    controllers.set(kind, kindController(kind, desk, { random, observer: observe(kind.toLowerCase()) }));
  }
  return {
    caches: caches.all,
    controllers: [namespaces.controller, ...controllers.values()],
    start: () => facts.start(),
    stop: async () => {
      await facts.stop();
      await statuses.stop();
    },
  };
}

/** A status that could not be written is made anew after this long: the object has changed, or the API server is away. */
const STATUS_RETRY_MS = 1_000;

function statusDesk(parts: ControlRoomParts, onFailure: (kind: KindName, key: string) => void): StatusDesk {
  const { transport, recorder, statusWritesPerSecond: writesPerSecond, clock, random, log } = parts;
  const clients = new Map<KindName, ResourceClient>();
  const clientOf = (kind: KindName): ResourceClient => {
    const client = clients.get(kind) ?? new ResourceClient(transport, ownType(kind));
    clients.set(kind, client);
    return client;
  };
  return new StatusDesk({
    write: (intent, signal) =>
      clientOf(intent.kind).applyStatus(intent, { fieldManager: FIELD_MANAGER, signal }),
    onFailure,
    recorder,
    writesPerSecond,
    clock,
    random,
    log,
  });
}

const RECONCILERS: Readonly<Record<KindName, (desk: Desk) => Reconcile>> = {
  Mailbox: mailboxReconciler,
  EmailServiceProvider: espReconciler,
  SendingPool: poolReconciler,
  SuppressionList: suppressionListReconciler,
  Template: templateReconciler,
  Campaign: campaignReconciler,
};

function kindController(
  kind: KindName,
  desk: Desk,
  { random, observer }: { readonly random: Random; readonly observer: ControllerObserver },
): Controller<KubeObject> {
  const cache = desk.caches.own[kind].cache as unknown as ResourceCache<KubeObject & { status?: object }>;
  const isMaking = kind === 'SendingPool' || kind === 'Campaign';
  const controller = new Controller<KubeObject>({
    name: kind.toLowerCase(),
    primary: cache,
    reconcile: RECONCILERS[kind](desk),
    workers: isMaking ? MAKING_WORKERS : WORKERS,
    clock: desk.clock,
    random,
    log: desk.log,
    observer,
    // A changed object is compiled first, and woken then.
    isRelevant: () => false,
  });
  cache.subscribe({ handler: ({ key }) => desk.statuses.onSeen(kind, key, cache.get(key)) });
  if (kind === 'SendingPool') watchOwned(controller, desk.caches);
  if (kind === 'Campaign') watchAudiences(controller, desk.caches);
  return controller;
}

/** Whoever changes or deletes what was made for a pool has the pool look at it again. */
function watchOwned(controller: Controller<KubeObject>, caches: OperatorCaches): void {
  const keysOf = controllerKeysOf('mailers.io', 'SendingPool');
  controller.watch(caches.deployments.cache, { keysOf });
  controller.watch(caches.serviceAccounts.cache, { keysOf });
  controller.watch(caches.disruptionBudgets.cache, { keysOf });
  controller.watch(caches.networkPolicies.cache, { keysOf });
}

/** An import ends; the Secret with the rows changes. */
function watchAudiences(controller: Controller<KubeObject>, caches: OperatorCaches): void {
  controller.watch(caches.jobs.cache, { keysOf: controllerKeysOf('mailers.io', 'Campaign') });
  if (caches.secrets === undefined) return;
  const campaigns = caches.own.Campaign.cache;
  controller.watch(caches.secrets.cache, {
    keysOf: ({ metadata }) => campaigns.keysByIndex(BY_SECRET, keyOf(metadata)),
  });
}

/** The caches, reconcilers and queues of one watched namespace, or of all, put together. */
import type { KindName } from '../api/resource-kind.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { Random } from '../domain/ports/clock.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import { windowWatch } from '../domain/window.ts';
import { operatorCaches } from './caches.ts';
import { ConfigMapContent } from './compilation/config-map-content.ts';
import { LeftBehind } from './compilation/left-behind.ts';
import { Publisher } from './compilation/publisher.ts';
import { LedgerFacts } from './facts/ledger-facts.ts';
import { LedgerTime } from './ledger-time.ts';
import { kindController } from './kind-controller.ts';
import { Applier } from './kube/applier.ts';
import type { TimerClock } from './kube/clock.ts';
import type { Controller, ControllerObserver } from './kube/controller.ts';
import type { EventRecorder } from './kube/event-recorder.ts';
import type { Log } from './kube/log.ts';
import type { AnyCache } from './kube/resource-cache.ts';
import { ResourceClient } from './kube/resource-client.ts';
import type { Transport } from './kube/transport.ts';
import type { ObjectSource } from './object-metrics.ts';
import { FIELD_MANAGER } from './objects/object-labels.ts';
import type { SenderSettings } from './objects/sender-settings.ts';
import type { Desk, ImportAudience } from './reconcilers/desk.ts';
import { NamespaceQueue } from './reconcilers/namespace/namespace-queue.ts';
import { namespaceReconciler } from './reconcilers/namespace/namespace-reconciler.ts';
import { CONFIG_MAP } from './resource-types.ts';
import { StatusDesk } from './status/status-desk.ts';
import { statusWriting } from './status/status-writing.ts';

export interface ControlRoomParts {
  readonly transport: Transport;
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly settings: SenderSettings;
  /** How a person confirms the loss of a ledger from where conditions are read, without the id. */
  readonly confirmCommand: string;
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
  /** The resources as they are now. */
  readonly objects: readonly ObjectSource[];
  /** Begins to look at the ledger: for the leader. */
  start(): void;
  /** Ends what writes in the background. */
  stop(): Promise<void>;
}

/** Wakes the controllers of objects, by their keys `kind/name` in a namespace. */
class Bell {
  readonly controllers = new Map<KindName, Controller>();

  wake(namespace: string, keys: Iterable<string>): void {
    for (const key of keys) {
      const slash = key.indexOf('/');
      this.controllers.get(key.slice(0, slash) as KindName)?.enqueue(`${namespace}/${key.slice(slash + 1)}`);
    }
  }
}

export function controlRoom(parts: ControlRoomParts, namespace: string | undefined): ControlRoom {
  const { transport, policy, observe } = parts;
  const bell = new Bell();
  const time = new LedgerTime(parts);
  const around = { namespace, bell, time };
  const desk = deskFor(parts, around, (within) => namespaces.wake(within));
  const namespaces: NamespaceQueue = new NamespaceQueue({
    ...parts,
    caches: desk.caches,
    observer: observe('namespace'),
    reconcile: namespaceReconciler(desk, {
      policy,
      content: new ConfigMapContent(new ResourceClient(transport, CONFIG_MAP)),
      wake: (within, keys) => bell.wake(within, keys),
      onCompiled: (durationMs) => namespaces.onCompiled(durationMs),
    }),
  });
  const kinds = Object.keys(desk.caches.own) as KindName[];
  for (const kind of kinds) {
    const observer = observe(kind.toLowerCase());
    bell.controllers.set(kind, kindController(kind, desk, { random: parts.random, observer }));
  }
  const { publisher } = desk;
  const leftBehind = new LeftBehind({
    ...parts,
    publisher,
    namespace,
    wake: (within) => namespaces.wake(within),
  });
  return {
    caches: desk.caches.all,
    controllers: [namespaces.controller, ...bell.controllers.values()],
    objects: kinds.map((kind) => ({ kind, values: () => desk.caches.own[kind].cache.values() })),
    start: () => {
      time.start();
      desk.facts.start();
      leftBehind.start();
    },
    stop: async () => {
      await leftBehind.stop();
      await time.stop();
      await desk.facts.stop();
      await desk.statuses.stop();
    },
  };
}

function deskFor(
  parts: ControlRoomParts,
  { namespace, bell, time }: { namespace: string | undefined; bell: Bell; time: LedgerTime },
  compileSoon: (namespace: string) => void,
): Desk {
  const { transport, ledger, log, statusWritesPerSecond } = parts;
  const publisher = new Publisher(ledger, log);
  const facts = new LedgerFacts({
    ...parts,
    onChanged: (within, keys) => bell.wake(within, keys),
    onPlanLost: (within) => {
      publisher.forget(within);
      compileSoon(within);
    },
  });
  const statuses = new StatusDesk({
    ...parts,
    write: statusWriting(transport),
    writesPerSecond: statusWritesPerSecond,
    onFailure: (kind, key, retryAfterMs) => bell.controllers.get(kind)?.enqueue(key, retryAfterMs),
  });
  return {
    ...parts,
    caches: operatorCaches({ ...parts, namespace }),
    compiled: new Map(),
    losses: new Map(),
    publisher,
    facts,
    statuses,
    applier: new Applier(FIELD_MANAGER),
    windowWatch: windowWatch(),
    time,
  };
}

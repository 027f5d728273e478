import {
  Controller,
  type ControllerObserver,
  type ControllerOptions,
} from '../../../../controller/operator/kube/controller.ts';
import type { Reconcile } from '../../../../controller/operator/kube/reconcile.ts';
import type { Change, Subscription } from '../../../../controller/operator/kube/resource-cache.ts';
import type { Widget } from './kube-object.ts';
import { keptLog, ManualClock } from './manual-clock.ts';

/** A cache that is filled by hand: whatever a test tells it, its subscribers hear. */
export function handFedCache(name: string) {
  const synced = Promise.withResolvers<void>();
  const subscriptions: Subscription<Widget>[] = [];
  const keys = new Set<string>();
  return {
    name,
    hasSynced: false,
    start: () => {},
    stop: () => Promise.resolve(),
    keys: () => keys.values(),
    subscribe: (subscription: Subscription<Widget>) => void subscriptions.push(subscription),
    whenSynced: (signal?: AbortSignal) =>
      Promise.race([
        synced.promise,
        new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      ]),
    sync() {
      this.hasSynced = true;
      synced.resolve();
    },
    tell(key: string, overrides: Partial<Change> = {}) {
      keys.add(key);
      for (const { handler } of subscriptions)
        handler({ key, kind: 'Updated', isInitial: false, ...overrides });
    },
  };
}

/** A controller of Widgets with all it works with. */
export function setUp(
  reconcile: Reconcile,
  options: Pick<Partial<ControllerOptions<Widget>>, 'workers' | 'isRelevant' | 'whenReady'> = {},
) {
  const clock = new ManualClock();
  const log = keptLog();
  const primary = handFedCache('widgets');
  const outcomes: string[] = [];
  const counts = { terminal: 0, defects: 0, timeouts: 0 };
  const observer: ControllerObserver = {
    onAdd: () => {},
    onRetry: () => {},
    onStart: () => {},
    onDone: () => {},
    onWorkers: () => {},
    onReconciled: (outcome) => void outcomes.push(outcome),
    onTerminalError: () => void (counts.terminal += 1),
    onDefect: () => void (counts.defects += 1),
    onTimeout: () => void (counts.timeouts += 1),
    observeQueue: () => {},
  };
  const controller = new Controller<Widget>({
    name: 'widget',
    primary,
    reconcile,
    workers: 2,
    ...options,
    clock,
    random: () => 0,
    log,
    observer,
  });
  const never = new AbortController().signal;
  return { clock, log, primary, controller, outcomes, counts, never };
}

/**
 * Runs an operator from start to end in the order that loses nothing.
 *
 *     const manager = new Manager({ caches, controllers, elector, log });
 *     const end = await manager.run(signal);            // signal: SIGTERM
 *     if (end === 'Lost') process.exit(1);
 *
 * Every replica fills its caches and queues at once, so that whoever becomes leader starts warm. The leader's
 * controllers run; on `signal` they finish what is in hand, then the lease goes to the next replica, then the watches
 * end. When leadership is lost everything in hand is abandoned, because somebody else may be at it already.
 */
import type { Controller } from './controller.ts';
import type { HealthChecks } from './health.ts';
import type { ElectionEnd, LeaderElector, Leadership } from './leader-election.ts';
import type { Log } from './log.ts';
import type { AnyCache } from './resource-cache.ts';

/** The part of a controller that does not depend on its kind. */
type AnyController = Pick<Controller, 'name' | 'start' | 'stop'>;

export interface ManagerOptions {
  caches: readonly AnyCache[];
  controllers: readonly AnyController[];
  /** Without one, this process leads alone. */
  elector?: Pick<LeaderElector, 'run'>;
  log: Log;
  /** Told the epoch before the controllers start; may prepare what they need. */
  onLeading?: (leadership: Leadership) => Promise<void> | void;
  /** Stops what writes on the controllers' behalf (status writer, event recorder), after them and before the lease goes. */
  onStopping?: () => Promise<void>;
  /** How long reconciles in progress may take to finish; well below the pod's terminationGracePeriodSeconds. Default 10 s. */
  drainTimeoutMs?: number;
}

const DRAIN_TIMEOUT_MS = 10_000;

export class Manager {
  readonly #options: ManagerOptions;

  constructor(options: ManagerOptions) {
    this.#options = options;
  }

  /** For `/readyz`: every cache has synced. A follower is ready too, or a rollout would wait for it for ever. */
  readyChecks(): HealthChecks {
    const { caches } = this.#options;
    return {
      caches: () => {
        const missing = caches.filter((cache) => !cache.hasSynced).map((cache) => cache.name);
        return missing.length === 0 ? undefined : `not listed yet: ${missing.join(', ')}`;
      },
    };
  }

  /**
   * Resolves when everything has stopped.
   * @throws when a controller could not start, after everything has stopped.
   */
  async run(signal: AbortSignal): Promise<ElectionEnd> {
    const { caches, elector } = this.#options;
    for (const cache of caches) cache.start();
    try {
      if (elector !== undefined)
        return await elector.run(signal, (leadership) => this.#lead(leadership, signal));
      await this.#lead({ epoch: 0, signal, isHeld: () => true }, signal);
      return 'Released';
    } finally {
      await Promise.all(caches.map((cache) => cache.stop()));
    }
  }

  async #lead(leadership: Leadership, stopping: AbortSignal): Promise<void> {
    const { controllers, onLeading, onStopping, drainTimeoutMs = DRAIN_TIMEOUT_MS } = this.#options;
    try {
      await onLeading?.(leadership);
      await Promise.all(controllers.map((controller) => controller.start(leadership.signal)));
      await aborted(leadership.signal);
    } catch (error) {
      if (!leadership.signal.aborted) throw error;
    } finally {
      const isGraceful = stopping.aborted && leadership.isHeld();
      await Promise.all(controllers.map((controller) => controller.stop(isGraceful ? drainTimeoutMs : 0)));
      await onStopping?.();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

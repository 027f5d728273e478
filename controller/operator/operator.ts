/**
 * The control plane: watches the resources, compiles them to plans, makes what they need, and tells what happened.
 *
 *     const operator = new Operator({ transport, ledger, policy, settings, namespaces: [], elector, … });
 *     health.ready = operator.readyChecks();
 *     const end = await operator.run(signal);       // 'Lost': end the process, another leads
 */
import type { EventRecorder } from './kube/event-recorder.ts';
import type { HealthChecks } from './kube/health.ts';
import type { ElectionEnd, LeaderElector } from './kube/leader-election.ts';
import { Manager } from './kube/manager.ts';
import { objectMetrics, type ObjectSource } from './object-metrics.ts';
import { controlRoom, type ControlRoomParts } from './control-room.ts';

export interface OperatorParts extends ControlRoomParts {
  /** Namespaces to watch; empty = all. */
  readonly namespaces: readonly string[];
  /** Whether each object has series of its own, besides the sums. */
  readonly isTellingObjects: boolean;
  readonly elector: Pick<LeaderElector, 'run'>;
  readonly recorder: Pick<EventRecorder, 'record' | 'stop'>;
}

export class Operator {
  readonly #manager: Manager;
  readonly #isTellingObjects: boolean;
  readonly #objects: readonly ObjectSource[];
  #isLeading = false;

  constructor(parts: OperatorParts) {
    const { namespaces, elector, recorder, log, statusWritesPerSecond } = parts;
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    const share = { ...parts, statusWritesPerSecond: statusWritesPerSecond / scopes.length };
    const rooms = scopes.map((namespace) => controlRoom(share, namespace));
    this.#isTellingObjects = parts.isTellingObjects;
    this.#objects = rooms.flatMap(({ objects }) => objects);
    this.#manager = new Manager({
      caches: rooms.flatMap(({ caches }) => caches),
      controllers: rooms.flatMap(({ controllers }) => controllers),
      elector,
      log,
      onLeading: () => {
        this.#isLeading = true;
        for (const room of rooms) room.start();
      },
      onStopping: async () => {
        this.#isLeading = false;
        await Promise.all(rooms.map((room) => room.stop()));
        await recorder.stop();
      },
    });
  }

  readyChecks(): HealthChecks {
    return this.#manager.readyChecks();
  }

  /** How the resources are, in Prometheus' text format; empty while another replica leads, which tells it. */
  objectMetrics(): string {
    return this.#isLeading ? objectMetrics(this.#objects, this.#isTellingObjects) : '';
  }

  /** Resolves when everything has stopped. */
  run(signal: AbortSignal): Promise<ElectionEnd> {
    return this.#manager.run(signal);
  }
}

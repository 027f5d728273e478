import type { Policy } from '../../../../controller/domain/policy/policy.ts';
import { importAudience } from '../../../../controller/cli/run/audience-import.ts';
import { createLedgerModel } from '../../../../controller/domain/ledger-model/ledger-model.ts';
import type { Ledger } from '../../../../controller/domain/ports/ledger.ts';
import { controlRoom, type ControlRoom } from '../../../../controller/operator/control-room.ts';
import type { ControllerObserver } from '../../../../controller/operator/kube/controller.ts';
import { keptLog, ManualClock } from '../kube/manual-clock.ts';
import { PlayedCluster } from './played-cluster.ts';
import { playedSettings } from './played-settings.ts';

export const SILENT: ControllerObserver = {
  onAdd: () => {},
  onRetry: () => {},
  onStart: () => {},
  onDone: () => {},
  onWorkers: () => {},
  onReconciled: () => {},
  onTerminalError: () => {},
  onDefect: () => {},
  onTimeout: () => {},
  observeQueue: () => {},
};

export interface PlayedAround {
  /** What of the ledger goes wrong. */
  readonly ledger?: (model: Ledger) => Ledger;
  /** How wrong the clock of the operator's machine is set, against the ledger's. */
  readonly aheadMs?: number;
}

/** The whole operator, with an API server and a ledger in memory, on a clock that the test moves. */
export class PlayedOperator {
  readonly cluster = new PlayedCluster();
  readonly clock = new ManualClock();
  readonly log = keptLog();
  readonly ledger: Ledger;
  /** Campaigns whose audiences were read, in their order. */
  readonly imports: string[] = [];
  /** Names of objects and the reasons of their Events. */
  readonly events: string[] = [];
  readonly #room: ControlRoom;
  readonly #stopping = new AbortController();

  constructor(policy: Policy, around: PlayedAround = {}) {
    const { clock, log } = this;
    const { aheadMs = 0 } = around;
    const model = createLedgerModel({ now: () => clock.now(), sleep: (ms) => clock.sleep(ms) });
    this.ledger = around.ledger?.(model) ?? model;
    this.#room = controlRoom(
      {
        transport: this.cluster.transport,
        ledger: this.ledger,
        policy,
        settings: playedSettings,
        confirmCommand: 'kubectl exec deploy/operator -- mailers ledger confirm',
        importAudience: (request, content) => {
          this.imports.push(request.key.campaign);
          return importAudience(this.ledger.audience, request, content);
        },
        recorder: {
          record: ({ metadata }, { reason }) => void this.events.push(`${metadata.name} ${reason}`),
        },
        isWatchingSecrets: true,
        statusWritesPerSecond: 20,
        observe: () => SILENT,
        clock: {
          now: () => clock.now() + aheadMs,
          monotonic: () => clock.monotonic(),
          after: (delayMs, action) => clock.after(delayMs, action),
          sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
        },
        random: () => 0.5,
        log,
      },
      undefined,
    );
  }

  /** What the operator had to complain about. */
  get complaints(): string[] {
    return this.log.lines.filter(({ level }) => level === 'error').map((line) => JSON.stringify(line));
  }

  async start(): Promise<void> {
    const { caches, controllers } = this.#room;
    for (const cache of caches) cache.start();
    await Promise.all(controllers.map((controller) => controller.start(this.#stopping.signal)));
    this.#room.start();
  }

  async stop(): Promise<void> {
    const { caches, controllers } = this.#room;
    await Promise.all(controllers.map((controller) => controller.stop(0)));
    await this.#room.stop();
    await Promise.all(caches.map((cache) => cache.stop()));
  }
}

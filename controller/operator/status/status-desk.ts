/**
 * The one way to a status: compares with what was last said of the object, writes what changed as the budget allows, and records the Events
 * of the change.
 *
 *     desk.report('Mailbox', key, (mailbox) => mailboxStatus({ mailbox, … }, moment));
 */
import type { KindName } from '../../api/resource-kind.ts';
import type { Random } from '../../domain/ports/clock.ts';
import type { TimerClock } from '../kube/clock.ts';
import type { EventRecorder } from '../kube/event-recorder.ts';
import type { Log } from '../kube/log.ts';
import type { Intent, KubeObject } from '../kube/resource.ts';
import { StatusBudget } from '../kube/status-budget.ts';
import { StatusWriter } from '../kube/status-writer.ts';
import { eventsOf, urgencyOf, type ReportedStatus } from './status-change.ts';

type Reporting = KubeObject & { readonly status?: ReportedStatus };

export interface StatusDeskParts {
  readonly write: (intent: StatusIntent, signal: AbortSignal) => Promise<void>;
  /** The status could not be written and must be made anew after this long. */
  readonly onFailure: (kind: KindName, key: string, retryAfterMs: number) => void;
  readonly recorder: Pick<EventRecorder, 'record'>;
  readonly writesPerSecond: number;
  readonly clock: TimerClock;
  readonly random: Random;
  readonly log: Log;
}

export interface StatusIntent extends Intent {
  readonly kind: KindName;
}

interface Said {
  readonly uid: string | undefined;
  readonly status: ReportedStatus;
  readonly atMs: number;
}

/** A write and its way back through the watch take less than this; then the cache is right. */
const ECHO_WITHIN_MS = 30_000;
const CONCURRENT_WRITES = 32;

export class StatusDesk {
  readonly #parts: StatusDeskParts;
  readonly #writer: StatusWriter<StatusIntent>;
  /** What was said and has not come back through the watch yet. */
  readonly #said = new Map<string, Said>();

  constructor(parts: StatusDeskParts) {
    this.#parts = parts;
    const { write, onFailure, writesPerSecond, clock, random, log } = parts;
    this.#writer = new StatusWriter<StatusIntent>({
      budget: new StatusBudget({ writesPerSecond }),
      write,
      onFailure: (key, retryAfterMs) => {
        this.#said.delete(key);
        const slash = key.indexOf('/');
        onFailure(key.slice(0, slash) as KindName, key.slice(slash + 1), retryAfterMs);
      },
      concurrency: CONCURRENT_WRITES,
      clock,
      random,
      log,
    });
  }

  /** Statuses that wait for their turn. */
  get pending(): number {
    return this.#writer.pending;
  }

  /** See `StatusWriter.whenCaughtUp`. */
  whenCaughtUp(): Promise<void> | undefined {
    return this.#writer.whenCaughtUp();
  }

  /** `make` is given the object with the last status that was said of it, so that times of transitions are kept. */
  report<S extends ReportedStatus, T extends KubeObject & { readonly status?: S }>(
    kind: KindName,
    object: T,
    make: (object: T) => S,
  ): void {
    const { metadata } = object;
    const key = `${kind}/${metadata.namespace}/${metadata.name}`;
    const before = this.#lastSaid(key, object);
    const known = before === undefined || before === object.status ? object : { ...object, status: before };
    const status = make(known);
    const urgency = urgencyOf(before, status);
    if (urgency === undefined) return;
    this.#said.set(key, { uid: metadata.uid, status, atMs: this.#parts.clock.monotonic() });
    const { name, namespace = '', uid = '' } = metadata;
    this.#writer.offer(key, { kind, metadata: { name, namespace, uid }, status }, urgency);
    for (const event of eventsOf(before, status)) this.#parts.recorder.record(object, event);
  }

  /** The watch shows the object: once it shows what was said, the cache is the memory. */
  onSeen(kind: KindName, key: string, object: Reporting | undefined): void {
    const saidKey = `${kind}/${key}`;
    const said = this.#said.get(saidKey);
    if (said === undefined) return;
    if (object === undefined) {
      this.#said.delete(saidKey);
      this.#writer.withdraw(saidKey);
    } else if (urgencyOf(object.status, said.status) === undefined) this.#said.delete(saidKey);
  }

  stop(): Promise<void> {
    return this.#writer.stop();
  }

  #lastSaid(key: string, object: Reporting): ReportedStatus | undefined {
    const said = this.#said.get(key);
    const isCurrent =
      said !== undefined &&
      said.uid === object.metadata.uid &&
      (this.#parts.clock.monotonic() - said.atMs < ECHO_WITHIN_MS || this.#writer.pending > 0);
    return isCurrent ? said.status : object.status;
  }
}

/**
 * Tells people what happened to an object, as Events (events.k8s.io/v1) that `kubectl describe` shows.
 *
 *     const recorder = new EventRecorder({ events, controller: 'mailers.io/operator', instance: podName, clock, random, log });
 *     recorder.record(mailbox, { type: 'Warning', reason: 'CredentialsInvalid', action: 'Authenticate', note: '…' });
 *     await recorder.stop();
 *
 * Recording costs the caller nothing and never fails: Events are sent one at a time in the background, repeated ones
 * become one with a count, and too many are dropped and counted. What must not be lost belongs into a condition.
 */
import type { Random } from '../../domain/ports/clock.ts';
import { isNotFound } from './api-error.ts';
import type { Cancel, TimerClock } from './clock.ts';
import { EventSeries, type Series } from './event-series.ts';
import { microTime } from './lease-record.ts';
import type { Log } from './log.ts';
import type { ResourceClient } from './resource-client.ts';
import { keyOf, type KubeObject, type ResourceType } from './resource.ts';

export const EVENT: ResourceType = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

export interface EventDetails {
  type: 'Normal' | 'Warning';
  /** Why, in CamelCase, from a closed list: `CredentialsInvalid`. */
  reason: string;
  /** What was being done, in CamelCase: `Authenticate`. */
  action: string;
  /** What happened and what to do next. Cut at 1024 bytes; no secrets, no addresses of recipients. */
  note: string;
}

/** events.k8s.io/v1 Event. */
export interface EventObject extends KubeObject {
  eventTime: string;
  type: string;
  reason: string;
  action: string;
  note: string;
  reportingController: string;
  reportingInstance: string;
  regarding: { apiVersion?: string; kind?: string; name: string; namespace?: string; uid?: string };
  series?: { count: number; lastObservedTime: string };
}

export interface EventRecorderOptions {
  events: ResourceClient<EventObject>;
  /** A qualified name: `mailers.io/operator`. */
  controller: string;
  /** Which replica speaks: the pod's name. */
  instance: string;
  clock: TimerClock;
  random: Random;
  log: Log;
}

const MOST_NOTE_BYTES = 1024;
const MOST_TRIES = 3;
const RETRY_AFTER_MS = 1000;
const STOP_WITHIN_MS = 5000;
const SEND_TIMEOUT_MS = 5000;
/** Objects without a namespace have their Events here. */
const CLUSTER_NAMESPACE = 'default';

export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new EventSeries<EventObject>();
  readonly #outbox = new Set<string>();
  readonly #stopping = new AbortController();
  #sending: Promise<void> | undefined;
  #cancelTimer: Cancel | undefined;
  #dropped = 0;
  #isStopped = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Events that were never written, because there were too many or the API server refused them. */
  get dropped(): number {
    return this.#dropped;
  }

  record(object: KubeObject, details: EventDetails): void {
    if (this.#isStopped) return;
    const about = object.metadata.uid ?? keyOf(object.metadata);
    const key = [about, details.type, details.reason, details.action, details.note].join('\n');
    const verdict = this.#series.say(key, about, this.#build(object, details), this.#nowMs());
    if (verdict === 'Drop') this.#dropped += 1;
    else if (verdict === 'Write') this.#send(key);
    else this.#armTimer();
  }

  /** Sends what is waiting, for up to five seconds, and then nothing more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    const cancel = this.#options.clock.after(STOP_WITHIN_MS, () => this.#stopping.abort());
    await this.#sending;
    cancel();
  }

  #build(object: KubeObject, details: EventDetails): EventObject {
    const { controller, instance, clock, random } = this.#options;
    const { name, namespace, uid } = object.metadata;
    // Unique: the time in microseconds with a random tail, as client-go has it in nanoseconds.
    const suffix = Math.floor((clock.now() + random()) * 1e3).toString(16);
    const regarding: EventObject['regarding'] = { name };
    if (object.apiVersion !== undefined) regarding.apiVersion = object.apiVersion;
    if (object.kind !== undefined) regarding.kind = object.kind;
    if (namespace !== undefined) regarding.namespace = namespace;
    if (uid !== undefined) regarding.uid = uid;
    return {
      metadata: { name: `${name.slice(0, 200)}.${suffix}`, namespace: namespace ?? CLUSTER_NAMESPACE },
      eventTime: microTime(clock.now()),
      ...details,
      note: cutAtBytes(details.note, MOST_NOTE_BYTES),
      reportingController: controller,
      reportingInstance: instance,
      regarding,
    };
  }

  #send(key: string): void {
    this.#outbox.add(key);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      this.#armTimer();
    });
  }

  async #sendAll(): Promise<void> {
    for (const key of this.#outbox) {
      this.#outbox.delete(key);
      const series = this.#series.get(key);
      if (series === undefined || this.#stopping.signal.aborted) this.#dropped += 1;
      else await this.#write(key, series);
    }
  }

  async #write(key: string, series: Series<EventObject>): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    for (let tries = 1; ; tries += 1) {
      try {
        const { count } = series;
        await this.#put(series);
        this.#series.markWritten(key, count, this.#nowMs());
        return;
      } catch (error) {
        if (tries < MOST_TRIES && !signal.aborted && !isNotFound(error)) {
          await clock.sleep(RETRY_AFTER_MS * tries, signal);
          continue;
        }
        // A counted Event that is gone has outlived its hour in the cluster; the next time starts a new one.
        this.#series.end(key);
        this.#dropped += 1;
        log.warn({ event: series.event, err: error }, 'Failed to write an event');
        return;
      }
    }
  }

  #put({ event, count, writtenCount }: Series<EventObject>): Promise<EventObject> {
    const { events, clock } = this.#options;
    const call = { signal: this.#stopping.signal, timeoutMs: SEND_TIMEOUT_MS };
    if (writtenCount === 0) return events.create(event, call);
    const series = { count, lastObservedTime: microTime(clock.now()) };
    return events.patch(event.metadata, { series }, { ...call, type: 'merge' });
  }

  #armTimer(): void {
    if (this.#isStopped || this.#sending !== undefined) return;
    this.#cancelTimer?.();
    const waitMs = this.#series.waitMs(this.#nowMs());
    if (waitMs === undefined) return;
    this.#cancelTimer = this.#options.clock.after(waitMs, () => {
      for (const key of this.#series.due(this.#nowMs())) this.#send(key);
      this.#armTimer();
    });
  }

  #nowMs(): number {
    return this.#options.clock.monotonic();
  }
}

function cutAtBytes(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  // A cut in the middle of a character leaves a replacement character, which goes too.
  return (
    bytes
      .subarray(0, mostBytes - 3)
      .toString('utf8')
      .replace(/\uFFFD$/, '') + '…'
  );
}

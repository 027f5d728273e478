import { ConnectionError } from '../../../../../controller/operator/kube/api-error.ts';
import type { Widget } from '../kube-object.ts';

export interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: Widget;
}

interface PlayedWatchParts {
  /** The version that the watcher knows already. */
  readonly from: number;
  readonly lines: readonly WatchLine[];
  /** A streaming list: it is told when everything that existed has been sent. */
  readonly isFilling: boolean;
  readonly onChunk: (chunk: Buffer) => void;
}

/** A watch whose lines go out when the test says so, cut into pieces anywhere. */
export class PlayedWatch {
  readonly ended: Promise<void>;
  readonly #parts: PlayedWatchParts;
  readonly #waiting: WatchLine[];
  readonly #settled = Promise.withResolvers<void>();
  #initial: number;
  #isFilling: boolean;
  #version: number;
  #last: WatchLine | undefined;
  #isOpen = true;

  constructor(parts: PlayedWatchParts) {
    this.#parts = parts;
    this.#waiting = [...parts.lines];
    this.#isFilling = parts.isFilling;
    this.#initial = parts.isFilling ? parts.lines.length : 0;
    this.#version = parts.from;
    this.ended = this.#settled.promise;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether something would go out. */
  get isBehind(): boolean {
    return this.#isOpen && (this.#waiting.length > 0 || this.#isFilling);
  }

  queue(line: WatchLine): void {
    this.#waiting.push(line);
  }

  /** Sends so many lines, each in two pieces; the mark that the filling is complete comes when nothing else is left. */
  deliver(count: number): void {
    for (let sent = 0; sent < count && this.#isOpen; sent += 1) {
      const line = this.#waiting.shift();
      if (line === undefined) return this.bookmark();
      if (this.#initial > 0) this.#initial -= 1;
      else this.#version = Number(line.object.metadata.resourceVersion);
      this.#last = line;
      this.#send(line);
    }
  }

  /** The line that was sent last is sent once more. */
  repeat(): void {
    if (this.#last !== undefined && this.#isOpen) this.#send(this.#last);
  }

  /** Says how far the watcher has come; the first one after the initial lines says that the filling is complete. */
  bookmark(): void {
    if (!this.#isOpen || this.#initial > 0) return;
    const annotations = this.#isFilling ? { 'k8s.io/initial-events-end': 'true' } : {};
    this.#isFilling = false;
    this.#send({
      type: 'BOOKMARK',
      object: { kind: 'Widget', metadata: { resourceVersion: String(this.#version), annotations } },
    });
  }

  /** The server has watched long enough. */
  end(): void {
    this.#isOpen = false;
    this.#settled.resolve();
  }

  /** The connection is lost in the middle of a line. */
  cut(): void {
    if (this.#isOpen) this.#write('{"type":"ADDED","object":{"meta');
    this.break(new ConnectionError('watch widgets', 'Closed'));
  }

  /** The server has forgotten where the watcher is. */
  expire(): void {
    this.#send({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', metadata: {} } });
  }

  break(error: Error): void {
    this.#isOpen = false;
    this.#settled.reject(error);
  }

  #send(event: { type: string; object: object }): void {
    const text = `${JSON.stringify(event)}\n`;
    const middle = Math.floor(text.length / 3);
    this.#write(text.slice(0, middle));
    this.#write(text.slice(middle));
  }

  /** As the transport does: what the receiver throws ends the watch. */
  #write(text: string): void {
    if (!this.#isOpen) return;
    try {
      this.#parts.onChunk(Buffer.from(text));
    } catch (error) {
      this.break(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

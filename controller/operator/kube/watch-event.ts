import { ApiError, ConnectionError, type ApiStatus, type Operation } from './api-error.ts';
import { leanText } from './lean-text.ts';
import type { KubeObject } from './resource.ts';

/** One line of a watch. An ERROR line becomes an ApiError instead. */
export interface WatchEvent<T extends KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

/** Set on the bookmark that says: everything that existed has been sent. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

const NEWLINE = 0x0a;

/** Cuts a stream of bytes into lines, wherever the pieces were split. */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  #rest: Buffer[] = [];

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end);
      start = end + 1;
      const line = this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]);
      this.#rest = [];
      if (line.length > 0) this.#onLine(line);
    }
    if (start < chunk.length) this.#rest.push(chunk.subarray(start));
  }
}

/**
 * @param isLean without the object's managedFields, which are half of many objects and then cost nothing
 * @throws ApiError for an ERROR line: `isExpired` when the version to resume from is too old
 * @throws ConnectionError `Malformed` for anything that is no watch event
 */
export function parseWatchEvent<T extends KubeObject>(
  operation: Operation,
  line: Buffer,
  isLean = false,
): WatchEvent<T> {
  let event: { type?: string; object?: T & ApiStatus };
  try {
    event = JSON.parse(isLean ? leanText(line) : line.toString('utf8'));
  } catch (error) {
    throw new ConnectionError(operation, 'Malformed', error);
  }
  const { type, object } = event;
  if (type === 'ERROR') throw new ApiError(operation, object?.code ?? 500, object ?? {});
  if (!isEventType(type) || object?.metadata === undefined) throw new ConnectionError(operation, 'Malformed');
  return { type, object };
}

function isEventType(type: string | undefined): type is WatchEvent<KubeObject>['type'] {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';
}

export function isInitialEventsEnd(event: WatchEvent<KubeObject>): boolean {
  return event.type === 'BOOKMARK' && event.object.metadata.annotations?.[INITIAL_EVENTS_END] === 'true';
}

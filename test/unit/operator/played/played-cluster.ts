import { ApiError, ConnectionError } from '../../../../controller/operator/kube/api-error.ts';
import type { KubeObject } from '../../../../controller/operator/kube/resource.ts';
import type { Call, StreamCall, Transport } from '../../../../controller/operator/kube/transport.ts';

export interface PlayedObject extends KubeObject {
  readonly spec?: object;
  readonly data?: object;
  readonly status?: unknown;
}

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

interface Watcher {
  readonly collection: string;
  readonly send: (type: EventType, object: PlayedObject) => void;
  readonly cut: () => void;
}

/** `/apis/mailers.io/v1alpha1/namespaces/mail/mailboxes/anna/status`, taken apart. */
const PATH =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?(?:\/(?<sub>status))?$/;

/** An API server in memory that knows every kind: whoever watches hears of a change at once, and all of its answers are immediate. */
export class PlayedCluster {
  /** By plural, then by key. */
  readonly #collections = new Map<string, Map<string, PlayedObject>>();
  readonly #watchers = new Set<Watcher>();
  #version = 0;
  /** Whether it fails at everything that is to be changed. */
  isFailing = false;

  /** All of the transport that an operator uses. */
  get transport(): Transport {
    const played: Pick<Transport, 'call' | 'send' | 'stream'> = {
      call: async (call) => this.#answerOrFail(call) as never,
      send: async (call) => void this.#answerOrFail(call),
      stream: (call, onChunk) => this.#watch(call, onChunk),
    };
    return played as Transport;
  }

  /** Ends all watches. Who comes back has to list anew if anything has changed: no history is kept. */
  cutWatches(): void {
    for (const { cut } of this.#watchers) cut();
  }

  collection(plural: string): Map<string, PlayedObject> {
    const known = this.#collections.get(plural) ?? new Map<string, PlayedObject>();
    this.#collections.set(plural, known);
    return known;
  }

  /** Makes the object, or gives it another spec, which is another generation. */
  declare(plural: string, object: PlayedObject): void {
    const key = keyOf(object);
    const before = this.collection(plural).get(key);
    const metadata = {
      ...object.metadata,
      uid: before?.metadata.uid ?? `uid-${this.#version}`,
      generation: (before?.metadata.generation ?? 0) + 1,
    };
    this.#store(plural, { ...before, ...object, metadata });
  }

  annotate(plural: string, key: string, annotations: Record<string, string>): void {
    const before = this.#found(plural, key);
    this.#store(plural, { ...before, metadata: { ...before.metadata, annotations } });
  }

  setStatus(plural: string, key: string, status: object): void {
    this.#store(plural, { ...this.#found(plural, key), status });
  }

  delete(plural: string, key: string): void {
    const before = this.collection(plural).get(key);
    if (before === undefined) return;
    this.collection(plural).delete(key);
    this.#tell(plural, 'DELETED', this.#versioned(before));
  }

  #found(plural: string, key: string): PlayedObject {
    const found = this.collection(plural).get(key);
    if (found === undefined) throw new Error(`There is no ${plural} ${key}.`);
    return found;
  }

  #answerOrFail(call: Call): unknown {
    if (this.isFailing && call.method !== 'GET') throw new ApiError(call.operation, 500, {});
    return this.#answer(call);
  }

  #answer(call: Call): unknown {
    const { namespace, plural = '', name, sub } = PATH.exec(call.path.split('?')[0] ?? '')?.groups ?? {};
    const key = `${namespace}/${name}`;
    const found = this.collection(plural).get(key);
    if (call.method === 'PATCH' && call.contentType === 'application/apply-patch+yaml')
      return this.#apply(plural, sub, call.body as PlayedObject);
    if (found === undefined) throw new ApiError(call.operation, 404, { reason: 'NotFound' });
    if (call.method === 'DELETE') this.delete(plural, key);
    if (call.method === 'DELETE' || call.method === 'GET') return found;
    throw new ApiError(call.operation, 405, { reason: 'MethodNotAllowed' });
  }

  #apply(plural: string, sub: string | undefined, intent: PlayedObject): PlayedObject {
    const before = this.collection(plural).get(keyOf(intent));
    if (sub === 'status') {
      if (before === undefined || before.metadata.uid !== intent.metadata.uid)
        throw new ApiError('apply status', 404, { reason: 'NotFound' });
      return this.#store(plural, { ...before, status: intent.status });
    }
    const metadata = { ...intent.metadata, uid: before?.metadata.uid ?? `uid-${this.#version}` };
    return this.#store(plural, { ...before, ...intent, metadata });
  }

  #store(plural: string, object: PlayedObject): PlayedObject {
    const stored = this.#versioned(object);
    const key = keyOf(object);
    const type = this.collection(plural).has(key) ? 'MODIFIED' : 'ADDED';
    this.collection(plural).set(key, stored);
    this.#tell(plural, type, stored);
    return stored;
  }

  #versioned(object: PlayedObject): PlayedObject {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #tell(plural: string, type: EventType, object: PlayedObject): void {
    for (const { collection, send } of this.#watchers) if (collection === plural) send(type, object);
  }

  /** Sends what is there, then what changes, until the watcher goes. */
  #watch({ path, operation, signal }: StreamCall, onChunk: (chunk: Buffer) => void): Promise<void> {
    const [place = '', query] = path.split('?');
    const { plural = '' } = PATH.exec(place)?.groups ?? {};
    const from = new URLSearchParams(query).get('resourceVersion');
    if (from !== null && Number(from) < this.#version)
      return Promise.reject(new ApiError(operation, 410, { reason: 'Expired' }));
    const write = (type: string, object: object): void =>
      onChunk(Buffer.from(`${JSON.stringify({ type, object })}\n`));
    const ended = Promise.withResolvers<void>();
    const end = (failure: 'Aborted' | 'Closed'): void => {
      this.#watchers.delete(watcher);
      ended.reject(new ConnectionError(operation, failure));
    };
    const watcher: Watcher = { collection: plural, send: write, cut: () => end('Closed') };
    signal.addEventListener('abort', () => end('Aborted'), { once: true });
    this.#watchers.add(watcher);
    if (from === null) this.#fill(plural, write);
    return ended.promise;
  }

  /** What there is, and the mark that it was all. */
  #fill(plural: string, write: (type: string, object: object) => void): void {
    for (const object of this.collection(plural).values()) write('ADDED', object);
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    write('BOOKMARK', { metadata: { resourceVersion: String(this.#version), annotations } });
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

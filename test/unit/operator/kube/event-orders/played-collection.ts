import { ApiError, ConnectionError } from '../../../../../controller/operator/kube/api-error.ts';
import type { Call, StreamCall, Transport } from '../../../../../controller/operator/kube/transport.ts';
import { WIDGET, type Widget } from '../kube-object.ts';
import type { ManualClock } from '../manual-clock.ts';
import { PlayedWatch, type WatchLine } from './played-watch.ts';

/** What a change does to a Widget; the first makes one where there is none. */
export type Touch = 'Spec' | 'Status' | 'Labels' | 'Owner' | 'Nothing';

/** A page comes this much later than it was asked for, so that the collection may change in between. */
const PAGE_MS = 5;
const PAGE_SIZE = 1;

/**
 * A collection of Widgets as an API server with a watch cache keeps it, in memory: every change has a version, a watch gets them in their
 * order when the test says so, and the server may forget its history at any moment.
 */
export class PlayedCollection {
  readonly objects = new Map<string, Widget>();
  readonly #clock: ManualClock;
  readonly #isStreaming: boolean;
  #history: { version: number; line: WatchLine }[] = [];
  #version = 100;
  /** Watches can begin at this version or later. */
  #oldest = 100;
  #uids = 0;
  #watch: PlayedWatch | undefined;

  /** @param isStreaming whether the server knows streaming lists */
  constructor(clock: ManualClock, isStreaming: boolean) {
    this.#clock = clock;
    this.#isStreaming = isStreaming;
  }

  /** The watch that is open now. */
  get watch(): PlayedWatch | undefined {
    return this.#watch?.isOpen === true ? this.#watch : undefined;
  }

  /** All of the transport that a cache uses. */
  get transport(): Transport {
    const played: Pick<Transport, 'call' | 'stream'> = {
      call: (call: Call) => this.#list(call) as Promise<never>,
      stream: (call, onChunk) => this.#open(call, onChunk),
    };
    return played as Transport;
  }

  touch(name: string, touch: Touch, value: number): void {
    const before = this.objects.get(`default/${name}`);
    const after = before === undefined ? this.#made(name, value) : touched(before, touch, value);
    this.#note(before === undefined ? 'ADDED' : 'MODIFIED', after);
  }

  delete(name: string): void {
    const before = this.objects.get(`default/${name}`);
    if (before !== undefined) this.#note('DELETED', before);
  }

  /** Compaction: who wants to go on from before is refused; `isTold` says so inside the watch that is open. */
  forget(isTold: boolean): void {
    this.#history = [];
    this.#oldest = this.#version;
    if (isTold) this.watch?.expire();
  }

  #made(name: string, value: number): Widget {
    this.#uids += 1;
    const metadata = { name, namespace: 'default', uid: `uid-${this.#uids}`, generation: 1 };
    return { apiVersion: 'test.example/v1', kind: 'Widget', metadata, spec: specOf(value) };
  }

  #note(type: 'ADDED' | 'MODIFIED' | 'DELETED', state: Widget): void {
    this.#version += 1;
    const metadata = { ...state.metadata, resourceVersion: String(this.#version) };
    const object = { ...state, metadata };
    const key = `default/${metadata.name}`;
    if (type === 'DELETED') this.objects.delete(key);
    else this.objects.set(key, object);
    this.#history.push({ version: this.#version, line: { type, object } });
    this.watch?.queue({ type, object });
  }

  #open({ path, signal, operation }: StreamCall, onChunk: (chunk: Buffer) => void): Promise<void> {
    const query = new URL(path, 'http://played').searchParams;
    const asked = query.get('resourceVersion');
    if (asked === null && !this.#isStreaming)
      return Promise.reject(new ApiError(operation, 422, { reason: 'Invalid' }));
    const from = Number(asked ?? this.#version);
    if (from < this.#oldest) return Promise.reject(new ApiError(operation, 410, { reason: 'Expired' }));
    const lines =
      asked === null
        ? [...this.objects.values()].reverse().map((object) => ({ type: 'ADDED', object }) as const)
        : this.#history.filter(({ version }) => version > from).map(({ line }) => line);
    const watch = new PlayedWatch({ from, lines, isFilling: asked === null, onChunk });
    signal.addEventListener('abort', () => watch.break(new ConnectionError(operation, 'Aborted')), {
      once: true,
    });
    this.#watch = watch;
    return watch.ended;
  }

  /** A page of the state as it was when the first page was asked for; the pages after it expire when the history is forgotten. */
  async #list({ path, operation, signal }: Call): Promise<unknown> {
    const query = new URL(path, 'http://played').searchParams;
    const limit = query.has('limit') ? PAGE_SIZE : Infinity;
    const [version = this.#version, after = ''] = (query.get('continue') ?? '').split(' ').filter(Boolean);
    await this.#clock.sleep(PAGE_MS, signal);
    if (Number(version) < this.#oldest) throw new ApiError(operation, 410, { reason: 'Expired' });
    const items = this.#stateAt(Number(version)).filter(({ metadata }) => metadata.name > after);
    const page = items.slice(0, limit);
    const last = page.at(-1)?.metadata.name;
    const next = page.length < items.length ? `${version} ${last}` : undefined;
    return {
      kind: `${WIDGET.kind}List`,
      metadata: { resourceVersion: String(version), continue: next },
      items: page,
    };
  }

  #stateAt(version: number): Widget[] {
    const state = new Map(this.objects);
    for (const { version: changedAt, line } of this.#history.toReversed()) {
      if (changedAt <= version) break;
      this.#undo(state, changedAt, line);
    }
    return [...state.values()].toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  }

  /** Takes a change back: what was before it stands earlier in the history, or was deleted by it. */
  #undo(state: Map<string, Widget>, changedAt: number, { type, object }: WatchLine): void {
    const key = `default/${object.metadata.name}`;
    if (type === 'ADDED') return void state.delete(key);
    const before = this.#history.findLast(
      ({ version, line }) => version < changedAt && line.object.metadata.name === object.metadata.name,
    );
    state.set(key, before?.line.object ?? object);
  }
}

function specOf(value: number): NonNullable<Widget['spec']> {
  return { size: value, secrets: value === 0 ? [] : [`secret-${value % 3}`, `secret-${value % 2}`] };
}

function touched(before: Widget, touch: Touch, value: number): Widget {
  const { metadata } = before;
  const generation = (metadata.generation ?? 0) + 1;
  const owner = {
    apiVersion: 'test.example/v1',
    kind: 'Owner',
    name: `owner-${value % 2}`,
    uid: `owner-${value % 2}`,
  };
  switch (touch) {
    case 'Spec':
      return { ...before, spec: specOf(value), metadata: { ...metadata, generation } };
    case 'Status':
      return { ...before, status: { value } };
    case 'Labels':
      return { ...before, metadata: { ...metadata, labels: { value: String(value) } } };
    case 'Owner':
      return {
        ...before,
        metadata: { ...metadata, ownerReferences: value === 0 ? [] : [{ ...owner, controller: true }] },
      };
    case 'Nothing':
      return before;
  }
}

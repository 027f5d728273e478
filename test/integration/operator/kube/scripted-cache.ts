import { systemClock } from '../../../../controller/operator/kube/clock.ts';
import {
  ResourceCache,
  type Change,
  type ResourceCacheOptions,
} from '../../../../controller/operator/kube/resource-cache.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import type { Transport } from '../../../../controller/operator/kube/transport.ts';
import { WIDGET, type Widget } from '../../../unit/operator/kube/kube-object.ts';
import { keptLog } from '../../../unit/operator/kube/manual-clock.ts';
import { type Arrival, ScriptedServer, transportTo } from './scripted-server.ts';

export const QUICK_TIMINGS = { backoffBaseMs: 20, backoffMaxMs: 50, idleTimeoutMs: 5000 };

/** A cache of Widgets and the scripted server it talks to. */
export class CacheScene {
  readonly server: ScriptedServer;
  readonly transport: Transport;
  readonly changes: Change[] = [];
  readonly log = keptLog();
  #cache: ResourceCache<Widget> | undefined;

  private constructor(server: ScriptedServer) {
    this.server = server;
    this.transport = transportTo(server.access);
  }

  static async open(): Promise<CacheScene> {
    return new CacheScene(await ScriptedServer.start());
  }

  get cache(): ResourceCache<Widget> {
    if (this.#cache === undefined) throw new Error('Start the cache first.');
    return this.#cache;
  }

  /** Starts the cache; the dice always fall on one half. */
  start(options: Partial<ResourceCacheOptions<Widget>> & { metadataOnly?: boolean } = {}): void {
    const { metadataOnly = false, ...rest } = options;
    this.#cache = new ResourceCache<Widget>({
      client: new ResourceClient<Widget>(this.transport, WIDGET, { metadataOnly }),
      clock: systemClock,
      random: () => 0.5,
      log: this.log,
      timings: QUICK_TIMINGS,
      ...rest,
    });
    this.#cache.subscribe({ handler: (change) => this.changes.push(change) });
    this.#cache.start();
  }

  /** Fills the cache with `objects` by a streaming list, whose stream stays open, and forgets the changes so far. */
  async filled(objects: Widget[], version = '100'): Promise<Arrival> {
    const request = await this.server.next();
    request.send(...objects.map(added), initialEnd(version));
    await this.cache.whenSynced();
    this.changes.length = 0;
    return request;
  }

  /** The changes so far, to be read. */
  summary(): string[] {
    return this.changes.map(({ key, kind, isInitial }) => `${kind} ${key}${isInitial ? ' (initial)' : ''}`);
  }

  /** Waits until so many changes were told. */
  async told(count: number): Promise<string[]> {
    await until(() => this.changes.length >= count);
    return this.summary();
  }

  async close(): Promise<void> {
    await this.#cache?.stop();
    await this.transport.close();
    await this.server.stop();
  }
}

export const added = (object: Widget) => ({ type: 'ADDED', object });
export const modified = (object: Widget) => ({ type: 'MODIFIED', object });
export const deleted = (object: Widget) => ({ type: 'DELETED', object });

export const bookmark = (resourceVersion: string, annotations = {}) => ({
  type: 'BOOKMARK',
  object: { kind: 'Widget', apiVersion: 'test.example/v1', metadata: { resourceVersion, annotations } },
});

/** The bookmark that ends the initial events of a streaming list. */
export const initialEnd = (resourceVersion: string) =>
  bookmark(resourceVersion, { 'k8s.io/initial-events-end': 'true' });

/** A page as the API server sends it: its items have no type. */
export const page = (items: Widget[], resourceVersion: string, token?: string) => ({
  kind: 'WidgetList',
  metadata: { resourceVersion, continue: token },
  items: items.map(({ metadata, spec }) => ({ metadata, spec })),
});

export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2));
}

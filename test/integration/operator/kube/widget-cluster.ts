import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { isConflict } from '../../../../controller/operator/kube/api-error.ts';
import { systemClock } from '../../../../controller/operator/kube/clock.ts';
import { accessFromKubeconfig } from '../../../../controller/operator/kube/kube-config.ts';
import {
  ResourceCache,
  type ResourceCacheOptions,
} from '../../../../controller/operator/kube/resource-cache.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import type { KubeObject, ResourceType } from '../../../../controller/operator/kube/resource.ts';
import { Transport, type RequestObserver } from '../../../../controller/operator/kube/transport.ts';
import { startControlPlane, type ControlPlane } from '../../../cluster/control-plane.ts';
import { reasonToSkip } from '../../../cluster/machine-facts.ts';
import { waitUntil } from '../../../cluster/process/wait-until.ts';
import { WIDGET, type Widget } from '../../../unit/operator/kube/kube-object.ts';
import { keptLog } from '../../../unit/operator/kube/manual-clock.ts';

const CRD: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const integers = (maximum: number) => ({ type: 'integer', minimum: 0, maximum });

const WIDGETS_CRD = {
  metadata: { name: 'widgets.test.example' },
  spec: {
    group: WIDGET.group,
    scope: 'Namespaced',
    names: { kind: WIDGET.kind, plural: WIDGET.plural, singular: 'widget' },
    versions: [
      {
        name: WIDGET.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { size: integers(100), secrets: { type: 'array', items: { type: 'string' } } },
              },
              status: {
                type: 'object',
                properties: { observedGeneration: integers(2 ** 40), size: integers(100) },
              },
            },
          },
        },
      },
    ],
  },
};

const reason = await reasonToSkip('control-plane');

/** A `describe` whose tests need a real API server; skipped with the reason in its title where none can be had. */
export function describeOnApiServer(what: string, body: () => void): void {
  describe.skipIf(reason !== undefined)(reason === undefined ? what : `${what} (${reason})`, () => {
    body();
  });
}

/** A real API server that knows Widgets, and what a test needs to talk to it. */
export interface WidgetCluster {
  plane: ControlPlane;
  /** The control plane's folder, with the pid files of its programs. */
  dir: string;
  transport: Transport;
  widgets: ResourceClient<Widget>;
  /** Another connection to the same server, as another process would have. */
  connect(onRequest?: RequestObserver): Promise<Transport>;
  stop(): Promise<void>;
}

export async function startWidgetCluster(): Promise<WidgetCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'widget-cluster-'));
  const plane = await startControlPlane({ dir });
  const opened: Transport[] = [];
  const connect = async (onRequest?: RequestObserver) => {
    const access = await accessFromKubeconfig([plane.kubeconfig]);
    const transport = new Transport({
      access,
      clock: systemClock,
      random: Math.random,
      ...(onRequest && { onRequest }),
    });
    opened.push(transport);
    return transport;
  };
  const transport = await connect();
  const widgets = new ResourceClient<Widget>(transport, WIDGET);
  await new ResourceClient(transport, CRD).apply(WIDGETS_CRD, { fieldManager: 'test' });
  await waitUntil(
    'widgets are served',
    () =>
      widgets.list().then(
        () => true,
        () => false,
      ),
    { timeoutMs: 20_000 },
  );
  return {
    plane,
    dir,
    transport,
    widgets,
    connect,
    stop: async () => {
      await Promise.all(opened.map((one) => one.close()));
      await plane.stop();
      await rm(dir, { recursive: true });
    },
  };
}

/** A cache that is started and synced, with the timings of production but for those given. */
export async function syncedCache<T extends KubeObject>(
  client: ResourceClient<T>,
  options: Partial<ResourceCacheOptions<T>> = {},
): Promise<ResourceCache<T>> {
  const cache = new ResourceCache<T>({
    client,
    clock: systemClock,
    random: Math.random,
    log: keptLog(),
    ...options,
  });
  cache.start();
  await cache.whenSynced();
  return cache;
}

/** Waits up to 30 s for something that should be so any moment. */
export async function soon(what: string, isSo: () => boolean): Promise<void> {
  await waitUntil(what, isSo, { timeoutMs: 30_000, intervalMs: 10 });
}

/** Runs `action` for 0 … count-1, at most `width` at a time. */
export async function forEachOf(
  count: number,
  width: number,
  action: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await action(index);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

/** Makes a namespace, so that tests on the same server do not see each other. */
export async function makeNamespace(transport: Transport, name: string): Promise<void> {
  const type: ResourceType = {
    group: '',
    version: 'v1',
    kind: 'Namespace',
    plural: 'namespaces',
    namespaced: false,
  };
  await new ResourceClient(transport, type).create({ metadata: { name } }).catch((error: unknown) => {
    if (!isConflict(error)) throw error;
  });
}

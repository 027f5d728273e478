import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError, isConflict, isNotFound } from '../../../../controller/operator/kube/api-error.ts';
import { Applier } from '../../../../controller/operator/kube/applier.ts';
import { systemClock } from '../../../../controller/operator/kube/clock.ts';
import {
  accessFromKubeconfig,
  type ClusterAccess,
} from '../../../../controller/operator/kube/kube-config.ts';
import { statusWouldChange, wouldChange } from '../../../../controller/operator/kube/owned-fields.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import { keyOf, type KubeObject, type ResourceType } from '../../../../controller/operator/kube/resource.ts';
import { Transport } from '../../../../controller/operator/kube/transport.ts';
import type { Widget } from '../../../unit/operator/kube/kube-object.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { DEPLOYMENT, NETWORK_POLICY, senderDeployment, senderPolicy } from './owned-objects.ts';
import {
  forEachOf,
  makeNamespace,
  soon,
  describeOnApiServer,
  startWidgetCluster,
  syncedCache,
  type WidgetCluster,
} from './widget-cluster.ts';

const SECRET: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};
const MANAGER = { fieldManager: 'mailers' };

let cluster: WidgetCluster;

const inNamespace = async (namespace: string) => {
  await makeNamespace(cluster.transport, namespace);
  return (name: string, spec?: Widget['spec']): Widget => ({
    metadata: { namespace, name },
    ...(spec && { spec }),
  });
};
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  );

describeOnApiServer('a real API server', () => {
  beforeAll(async () => {
    cluster = await startWidgetCluster();
  }, 3_600_000);
  afterAll(() => cluster.stop());

  describe('the verbs on a real API server', () => {
    it('create, read, replace and delete, each refusing what has changed meanwhile', async () => {
      const a = await inNamespace('verbs');
      const { widgets } = cluster;
      const created = await widgets.create(a('a', { size: 1 }));
      expect(isConflict(await errorOf(widgets.create(a('a'))))).toBe(true);
      await widgets.update({ ...created, spec: { size: 2 } });
      expect(isConflict(await errorOf(widgets.update({ ...created, spec: { size: 3 } })))).toBe(true);
      expect((await widgets.get(created.metadata)).spec).toEqual({ size: 2 });
      expect(
        isConflict(await errorOf(widgets.delete(created.metadata, { preconditions: { uid: 'another' } }))),
      ).toBe(true);
      await widgets.delete(created.metadata, { preconditions: { uid: created.metadata.uid ?? '' } });
      expect(isNotFound(await errorOf(widgets.get(created.metadata)))).toBe(true);
    });

    it('apply what we want and leave the rest to others', async () => {
      const a = await inNamespace('apply');
      const { widgets } = cluster;
      await widgets.patch(
        (await widgets.create(a('a'))).metadata,
        { metadata: { labels: { team: 'red' } } },
        { type: 'merge' },
      );
      await widgets.apply(a('a', { size: 1, secrets: ['x'] }), MANAGER);
      const shrunk = await widgets.apply(a('a', { size: 2 }), MANAGER);
      expect(shrunk.spec).toEqual({ size: 2 });
      expect(shrunk.metadata.labels).toEqual({ team: 'red' });
      await widgets.apply(a('a', { size: 3 }), { fieldManager: 'other' });
      const refused = await errorOf(widgets.apply(a('a', { size: 2 }), { ...MANAGER, force: false }));
      expect(isConflict(refused)).toBe(true);
      expect((await widgets.apply(a('a', { size: 2 }), MANAGER)).spec).toEqual({ size: 2 });
    });

    it('apply a status without touching the spec', async () => {
      const a = await inNamespace('status');
      const { widgets } = cluster;
      const created = await widgets.create(a('a', { size: 1 }));
      const status = { observedGeneration: 1, size: 1 };
      await widgets.applyStatus({ metadata: a('a').metadata, status }, MANAGER);
      const reported = await widgets.get(created.metadata);
      expect(reported).toMatchObject({
        spec: { size: 1 },
        status,
        metadata: { generation: created.metadata.generation },
      });
      expect(statusWouldChange(reported, status)).toBe(false);
    });

    it('name the fields that the schema refuses, in a message that does not vary', async () => {
      const a = await inNamespace('invalid');
      const error = await errorOf(cluster.widgets.create(a('a', { size: 500 })));
      expect(error).toBeInstanceOf(ApiError);
      expect(String(error)).toBe(
        'ApiError: create widgets.test.example invalid/a: Invalid (422) at spec.size',
      );
    });

    it('list page by page', async () => {
      const a = await inNamespace('pages');
      await forEachOf(25, 8, (index) => cluster.widgets.create(a(`w${index}`)));
      const pages: number[] = [];
      const version = await cluster.widgets.listPages(
        { namespace: 'pages', limit: 10 },
        (items) => pages.push(items.length),
        () => expect.unreachable(),
      );
      expect(pages).toEqual([10, 10, 5]);
      expect(Number(version)).toBeGreaterThan(0);
      expect(await cluster.widgets.list({ namespace: 'pages' })).toHaveLength(25);
    });
  });

  describe('the connection', () => {
    const tryWith = async (change: (access: ClusterAccess) => ClusterAccess) => {
      const access = change(await accessFromKubeconfig([cluster.plane.kubeconfig]));
      const transport = new Transport({ access, clock: systemClock, random: Math.random });
      const answer: unknown = await new ResourceClient(transport, SECRET)
        .list()
        .catch((error: unknown) => error);
      await transport.close();
      return answer;
    };

    it('is refused when the certificate of the server is not signed by the CA we know', async () => {
      const error = await tryWith((access) => {
        const { name, server, skipTLSVerify } = access.cluster;
        return { ...access, cluster: { name, server, skipTLSVerify } };
      });
      expect(error).toMatchObject({ failure: 'Untrusted' });
    });

    it('without a client certificate makes us nobody', async () => {
      const error = await tryWith((access) => ({ ...access, user: { name: 'nobody' } }));
      expect(error).toMatchObject({ status: 403, reason: 'Forbidden' });
    });

    it('goes through the proxy of the kubeconfig', async () => {
      const proxy = await startConnectProxy();
      const answer = await tryWith((access) => ({
        ...access,
        cluster: { ...access.cluster, proxyUrl: proxy.url },
      }));
      expect(answer).toBeInstanceOf(Array);
      expect(proxy.tunnelled).toEqual([new URL(cluster.plane.url).host]);
      await proxy.stop();
    });
  });

  describe('secrets', () => {
    it('are listed, watched and read without their data', async () => {
      await makeNamespace(cluster.transport, 'secrets');
      const full = new ResourceClient<KubeObject & { data?: object }>(cluster.transport, SECRET);
      const blind = new ResourceClient<KubeObject & { data?: object }>(cluster.transport, SECRET, {
        metadataOnly: true,
      });
      const ref = (name: string) => ({
        metadata: { namespace: 'secrets', name, labels: { tier: 'gold' } },
        data: { password: 'aHVudGVyMg==' },
      });
      await full.create(ref('before'));
      const seen: unknown[] = [
        await blind.get(ref('before').metadata),
        ...(await blind.list({ namespace: 'secrets' })),
      ];
      const cache = await syncedCache(blind, { scope: { namespace: 'secrets' } });
      await full.create(ref('after'));
      await soon('the watch has seen it', () => cache.get('secrets/after') !== undefined);
      seen.push(...cache.values());
      await cache.stop();
      expect(seen).toHaveLength(4);
      expect(JSON.stringify(seen)).not.toContain('aHVudGVyMg');
      expect(cache.get('secrets/after')).toMatchObject({
        kind: 'Secret',
        apiVersion: 'v1',
        metadata: { labels: { tier: 'gold' } },
      });
    });
  });

  describe('a cache of a real API server', () => {
    it('fills by a streaming list and follows, by no other request than its watch', async () => {
      const a = await inNamespace('stream');
      await forEachOf(200, 8, (index) => cluster.widgets.create(a(`w${index}`, { size: index % 100 })));
      const requests: string[] = [];
      const transport = await cluster.connect((method, status) => requests.push(`${method} ${status}`));
      const cache = await syncedCache(new ResourceClient<Widget>(transport, cluster.widgets.type), {
        scope: { namespace: 'stream' },
        indexers: { size: ({ spec }) => [String(spec?.size)] },
      });
      expect(cache.size).toBe(200);
      expect(cache.byIndex('size', '7')).toHaveLength(2);
      await cluster.widgets.delete(a('w7').metadata);
      await soon('the deletion is known', () => cache.size === 199);
      expect(cache.byIndex('size', '7').map((object) => keyOf(object.metadata))).toEqual(['stream/w107']);
      expect(requests).toEqual([]);
      await cache.stop();
      // Only its end is a finished request.
      expect(requests).toEqual(['WATCH 0']);
    });
  });

  describe('an apply that would change nothing', () => {
    it('is known from the live object alone, defaults and all', async () => {
      await makeNamespace(cluster.transport, 'noop');
      const deployments = new ResourceClient(cluster.transport, DEPLOYMENT);
      const intent = senderDeployment('noop', '1');
      const live = await deployments.apply(intent, MANAGER);
      expect(wouldChange(live, intent, 'mailers')).toBe(false);
      const doubled = { ...intent, spec: { ...intent.spec, replicas: 2 } };
      expect(wouldChange(live, doubled, 'mailers')).toBe(true);
      const handScale = (replicas: number) =>
        deployments.patch(live.metadata, { spec: { replicas } }, { type: 'merge', fieldManager: 'hand' });
      expect(wouldChange(await handScale(5), intent, 'mailers')).toBe(true);
      // The value is right again, but it has become somebody else's: the next apply takes it back.
      expect(wouldChange(await handScale(1), intent, 'mailers')).toBe(true);
      expect(wouldChange(await deployments.apply(intent, MANAGER), intent, 'mailers')).toBe(false);
    });

    it('is made once and remembered where the server writes values in its own way', async () => {
      await makeNamespace(cluster.transport, 'rewritten');
      const requests: string[] = [];
      const transport = await cluster.connect((method) => requests.push(method));
      const deployments = new ResourceClient(transport, DEPLOYMENT);
      const policies = new ResourceClient(transport, NETWORK_POLICY);
      const caches = await Promise.all(
        [deployments, policies].map((client) =>
          syncedCache(client, { scope: { namespace: 'rewritten' }, keepManagedFieldsOf: 'mailers' }),
        ),
      );
      const [deploymentCache, policyCache] = caches;
      const policy = senderPolicy('rewritten');
      const applier = new Applier('mailers');
      const applyBoth = async () => [
        await applier.apply(
          deployments,
          deploymentCache?.get('rewritten/sender'),
          senderDeployment('rewritten', '1000m'),
        ),
        await applier.apply(policies, policyCache?.get('rewritten/sender'), policy),
      ];
      expect(await applyBoth()).toEqual(['Applied', 'Applied']);
      await soon('both are cached', () => caches.every((cache) => cache.size === 1));
      requests.length = 0;
      expect(await applyBoth()).toEqual(['Unchanged', 'Unchanged']);
      expect(requests).toEqual([]);

      await policies.patch(
        policy.metadata,
        { spec: { egress: [{}] } },
        { type: 'merge', fieldManager: 'hand' },
      );
      const spec = () => JSON.stringify(policyCache?.get('rewritten/sender'));
      await soon('the vandalism is known', () => !spec().includes('587'));
      expect(await applyBoth()).toEqual(['Unchanged', 'Applied']);
      await soon('it is mended', () => spec().includes('587'));
      await Promise.all(caches.map((cache) => cache.stop()));
    });
  });
});

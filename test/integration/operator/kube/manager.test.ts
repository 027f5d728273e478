import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../controller/operator/kube/clock.ts';
import { Controller } from '../../../../controller/operator/kube/controller.ts';
import {
  EVENT,
  EventRecorder,
  type EventObject,
} from '../../../../controller/operator/kube/event-recorder.ts';
import { HealthServer } from '../../../../controller/operator/kube/health.ts';
import { LEASE, LeaderElector } from '../../../../controller/operator/kube/leader-election.ts';
import type { Lease } from '../../../../controller/operator/kube/lease-record.ts';
import { Manager } from '../../../../controller/operator/kube/manager.ts';
import { KubeMetrics } from '../../../../controller/operator/kube/metrics.ts';
import { statusWouldChange } from '../../../../controller/operator/kube/owned-fields.ts';
import { ResourceCache } from '../../../../controller/operator/kube/resource-cache.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import { StatusBudget } from '../../../../controller/operator/kube/status-budget.ts';
import { StatusWriter } from '../../../../controller/operator/kube/status-writer.ts';
import type { Widget } from '../../../unit/operator/kube/kube-object.ts';
import { keptLog } from '../../../unit/operator/kube/manual-clock.ts';
import {
  forEachOf,
  makeNamespace,
  soon,
  describeOnApiServer,
  startWidgetCluster,
  syncedCache,
  type WidgetCluster,
} from './widget-cluster.ts';

let cluster: WidgetCluster;

const shared = { clock: systemClock, random: Math.random };

/** A whole small operator: reports the size of every Widget in its status. */
async function operator(namespace: string, identity: string) {
  const registry = new Registry();
  const metrics = new KubeMetrics(registry);
  const log = keptLog();
  const requests: string[] = [];
  const transport = await cluster.connect((method, status, durationMs) => {
    requests.push(method);
    metrics.onRequest(method, status, durationMs);
  });
  const client = new ResourceClient<Widget>(transport, cluster.widgets.type);
  const widgets = new ResourceCache<Widget>({ ...shared, client, scope: { namespace }, log });
  const reconciled: string[] = [];
  const controller: Controller<Widget> = new Controller<Widget>({
    ...shared,
    name: 'widget',
    primary: widgets,
    workers: 16,
    log,
    observer: metrics.observe('widget'),
    reconcile: (key) => {
      reconciled.push(key);
      const object = widgets.get(key);
      if (object === undefined) {
        writer.withdraw(key);
        return Promise.resolve({});
      }
      const status = { observedGeneration: object.metadata.generation ?? 0, size: object.spec?.size ?? 0 };
      if (statusWouldChange(object, status)) {
        writer.offer(key, { metadata: { namespace, name: object.metadata.name }, status }, 'Condition');
      }
      return Promise.resolve({});
    },
  });
  const writer = new StatusWriter<Widget>({
    budget: new StatusBudget(),
    write: (intent, signal) => client.applyStatus(intent, { fieldManager: 'test', signal }),
    onFailure: (key, retryAfterMs) => controller.enqueue(key, retryAfterMs),
    concurrency: 16,
    ...shared,
    log,
  });
  const elector = new LeaderElector({
    ...shared,
    leases: new ResourceClient<Lease>(transport, LEASE),
    namespace,
    name: 'operator',
    identity,
    log,
    onChange: metrics.onLeadership('operator'),
  });
  const manager = new Manager({
    caches: [widgets],
    controllers: [controller],
    elector,
    log,
    onStopping: () => writer.stop(),
  });
  const stopping = new AbortController();
  return {
    manager,
    widgets,
    registry,
    reconciled,
    requests,
    log,
    end: manager.run(stopping.signal),
    stop: () => stopping.abort(),
  };
}

const widget = (namespace: string, index: number, size: number): Widget => ({
  metadata: { namespace, name: `w${index}` },
  spec: { size },
});

describeOnApiServer('a small operator on a real API server', () => {
  beforeAll(async () => {
    cluster = await startWidgetCluster();
  }, 3_600_000);
  afterAll(() => cluster.stop());

  describe('an operator', () => {
    it('reports on 1,000 objects once each, then is silent, and hands over within five seconds losing nothing', async () => {
      const namespace = 'operator';
      await makeNamespace(cluster.transport, namespace);
      await forEachOf(1000, 16, (index) => cluster.widgets.create(widget(namespace, index, index % 100)));
      const first = await operator(namespace, 'first');
      const observer = await syncedCache(cluster.widgets, { scope: { namespace } });
      const reported = (offset: number) => () =>
        [...observer.values()].every(({ spec, status, metadata }) => {
          const { size, observedGeneration } = (status ?? {}) as {
            size?: number;
            observedGeneration?: number;
          };
          return size === spec?.size && observedGeneration === metadata.generation && (size ?? 0) >= offset;
        });
      await soon('all are reported', reported(0));
      const second = await operator(namespace, 'second');
      await soon('the second is warm', () => second.widgets.hasSynced && second.widgets.size === 1000);
      await soon(
        'the first has heard of its own writes',
        () => first.widgets.get(`${namespace}/w999`)?.status !== undefined,
      );
      expect(new Set(first.reconciled).size).toBe(1000);
      expect(first.requests.filter((method) => method === 'PATCH')).toHaveLength(1000);

      // Nothing changes: for two renewals of the lease there is no other request, and no reconcile.
      const before = { requests: first.requests.length, reconciled: first.reconciled.length };
      await soon('two renewals', () => first.requests.length >= before.requests + 2);
      expect(new Set(first.requests.slice(before.requests))).toEqual(new Set(['PUT']));
      expect(first.reconciled.length).toBe(before.reconciled);

      // Everything changes while the leader leaves.
      const changing = forEachOf(1000, 16, (index) =>
        cluster.widgets.apply(widget(namespace, index, 50 + (index % 50)), { fieldManager: 'hand' }),
      );
      const askedMs = performance.now();
      first.stop();
      expect(await first.end).toBe('Released');
      await soon('the second leads', () => second.reconciled.length > 0);
      expect(performance.now() - askedMs).toBeLessThan(5000);
      const toldByFirst = first.reconciled.length;
      await changing;
      await soon('all are reported again', reported(50));
      expect(first.reconciled.length).toBe(toldByFirst);
      second.stop();
      expect(await second.end).toBe('Released');
      await observer.stop();
      const failures = [...first.log.lines, ...second.log.lines].filter(({ level }) => level === 'error');
      expect(failures).toEqual([]);
    });

    it('shows its health and the metrics of controller-runtime', async () => {
      const namespace = 'health';
      await makeNamespace(cluster.transport, namespace);
      await cluster.widgets.create(widget(namespace, 1, 1));
      const only = await operator(namespace, 'only');
      const health = new HealthServer({
        live: {},
        ready: only.manager.readyChecks(),
        metrics: only.registry,
      });
      const { port } = await health.listen({ host: '127.0.0.1', port: 0 });
      const ask = async (path: string) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`);
        return { status: answer.status, body: await answer.text() };
      };
      await soon('it has reconciled', () => only.requests.includes('PATCH'));
      expect(await ask('/healthz')).toEqual({ status: 200, body: 'ok' });
      expect(await ask('/readyz')).toEqual({ status: 200, body: 'ok' });
      expect(await ask('/readyz?verbose')).toEqual({ status: 200, body: '[+]caches ok\n' });
      const { body } = await ask('/metrics');
      expect(body).toContain('controller_runtime_reconcile_total{controller="widget",result="success"} 1');
      expect(body).toContain('controller_runtime_max_concurrent_reconciles{controller="widget"} 16');
      expect(body).toContain('workqueue_depth{name="widget",controller="widget",priority="0"} 0');
      expect(body).toContain('workqueue_adds_total{name="widget",controller="widget"} 1');
      expect(body).toContain('leader_election_master_status{name="operator"} 1');
      expect(body).toMatch(/rest_client_requests_total\{method="PATCH",code="200"\} 1/);
      only.stop();
      await only.end;
      await health.close();
    });
  });

  describe('events', () => {
    it('appear once with a count, however often the same thing is said', async () => {
      const namespace = 'events';
      await makeNamespace(cluster.transport, namespace);
      const subject = await cluster.widgets.create(widget(namespace, 1, 1));
      const events = new ResourceClient<EventObject>(cluster.transport, EVENT);
      // A minute of the recorder passes in 20 ms.
      const clock = {
        ...systemClock,
        monotonic: () => performance.now() * 3000,
        after: (ms: number, action: () => void) => systemClock.after(ms / 3000, action),
      };
      const recorder = new EventRecorder({
        events,
        controller: 'test.example/operator',
        instance: 'pod-1',
        clock,
        random: Math.random,
        log: keptLog(),
      });
      const say = (note: string) =>
        recorder.record(subject, { type: 'Warning', reason: 'TooSmall', action: 'Measure', note });
      say('Make it bigger.');
      say('Make it bigger.');
      say('Make it bigger.');
      say('ü'.repeat(2000));
      let seen: EventObject[] = [];
      const look = async () =>
        (seen = await events.list({ namespace })).some(({ series }) => series?.count === 3);
      while (!(await look()));
      await recorder.stop();
      expect(seen).toHaveLength(2);
      expect(seen.find(({ series }) => series !== undefined)).toMatchObject({
        type: 'Warning',
        reason: 'TooSmall',
        note: 'Make it bigger.',
        reportingController: 'test.example/operator',
        regarding: { kind: 'Widget', name: 'w1', uid: subject.metadata.uid },
      });
      expect(recorder.dropped).toBe(0);
      say('too late');
      expect(await events.list({ namespace })).toHaveLength(2);
    });
  });
});

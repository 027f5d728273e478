import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../controller/operator/kube/clock.ts';
import { LEASE, LeaderElector } from '../../../../controller/operator/kube/leader-election.ts';
import type { Lease } from '../../../../controller/operator/kube/lease-record.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import type { ResourceCache } from '../../../../controller/operator/kube/resource-cache.ts';
import { keyOf } from '../../../../controller/operator/kube/resource.ts';
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

const NAMESPACE = 'outages';
const QUICK = { backoffBaseMs: 100, backoffMaxMs: 1000, idleTimeoutMs: 2000 };

let cluster: WidgetCluster;

const named = (name: string, size = 0): Widget => ({
  metadata: { namespace: NAMESPACE, name },
  spec: { size },
});

/** What the API server holds, as the cache should show it. */
async function truth(): Promise<string[]> {
  const objects = await cluster.widgets.list({ namespace: NAMESPACE });
  return objects.map(({ metadata }) => `${keyOf(metadata)}@${metadata.resourceVersion}`).sort();
}

const belief = (cache: ResourceCache<Widget>) =>
  [...cache.values()].map(({ metadata }) => `${keyOf(metadata)}@${metadata.resourceVersion}`).sort();

async function expectToAgree(cache: ResourceCache<Widget>): Promise<void> {
  const expected = await truth();
  await soon(
    'the cache agrees with the API server',
    () => JSON.stringify(belief(cache)) === JSON.stringify(expected),
  );
}

/** Makes, changes and deletes objects. */
async function stir(round: string): Promise<void> {
  await forEachOf(20, 4, (index) => cluster.widgets.create(named(`${round}-${index}`, index)));
  await forEachOf(10, 4, (index) =>
    cluster.widgets.apply(named(`${round}-${index}`, 99), { fieldManager: 'test' }),
  );
  await forEachOf(5, 4, (index) => cluster.widgets.delete(named(`${round}-${index + 10}`).metadata));
}

async function apiServerPid(): Promise<number> {
  return Number.parseInt(await readFile(join(cluster.dir, 'kube-apiserver.pid'), 'utf8'), 10);
}

/** Compacts etcd's history up to now, through its JSON gateway. */
async function compactHistory(): Promise<void> {
  const commandLine = await readFile(`/proc/${await apiServerPid()}/cmdline`, 'utf8');
  const etcd = /--etcd-servers=([^\0]+)/.exec(commandLine)?.[1];
  const ask = async (path: string, body: object) => {
    const answer = await fetch(`${etcd}${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(200);
    return (await answer.json()) as { header: { revision: string } };
  };
  const { header } = await ask('/v3/kv/range', { key: Buffer.from('x').toString('base64') });
  await ask('/v3/kv/compaction', { revision: header.revision, physical: true });
}

describeOnApiServer('outages of a real API server', () => {
  beforeAll(async () => {
    cluster = await startWidgetCluster();
    await makeNamespace(cluster.transport, NAMESPACE);
  }, 3_600_000);
  afterAll(() => cluster.stop());

  describe('a cache', () => {
    it.each([
      ['is killed', () => cluster.plane.killApiServer()],
      ['is restarted', () => cluster.plane.restartApiServer()],
    ])('agrees with the API server again after that %s, having missed nothing', async (what, interrupt) => {
      let requests = 0;
      const transport = await cluster.connect(() => (requests += 1));
      const client = new ResourceClient<Widget>(transport, cluster.widgets.type);
      const handled = new Set<string>();
      const cache = await syncedCache(client, { scope: { namespace: NAMESPACE } });
      cache.subscribe({ handler: ({ key, kind }) => handled.add(`${kind} ${key}`) });
      const round = what.replaceAll(' ', '-');
      await stir(`${round}-before`);
      await expectToAgree(cache);
      await interrupt();
      await stir(`${round}-after`);
      await expectToAgree(cache);
      expect(handled).toContain(`Added ${NAMESPACE}/${round}-after-19`);
      // Nobody answered for seconds: that must not have become a storm.
      expect(requests).toBeLessThan(20);
      await cache.stop();
    });

    it('fills anew when the history it would resume from was compacted away', async () => {
      const log = keptLog();
      const cache = await syncedCache(cluster.widgets, {
        scope: { namespace: NAMESPACE },
        timings: QUICK,
        log,
      });
      await stir('compacted-before');
      await expectToAgree(cache);
      const stopped = await apiServerPid();
      // The cache's connection is frozen while the world moves on behind its back, then the server forgets the past.
      process.kill(stopped, 'SIGSTOP');
      await soon('the cache noticed the silence', () => log.lines.some(({ level }) => level === 'warn'));
      process.kill(stopped, 'SIGCONT');
      await stir('compacted-meanwhile');
      await compactHistory();
      await cluster.plane.killApiServer();
      await compactHistory();
      await stir('compacted-after');
      await expectToAgree(cache);
      const reasons = log.lines.map(({ fields }) => String((fields as { err?: unknown }).err)).join('\n');
      expect(reasons).toContain('fell silent');
      expect(reasons).toContain('Expired');
      await cache.stop();
    });
  });

  describe('a leader', () => {
    it('stops leading when the API server falls silent for longer than its deadline', async () => {
      const transport = await cluster.connect();
      const elector = new LeaderElector({
        leases: new ResourceClient<Lease>(transport, LEASE),
        namespace: NAMESPACE,
        name: 'silent',
        identity: 'me',
        clock: systemClock,
        random: Math.random,
        log: keptLog(),
        timings: { leaseDurationMs: 2000, renewDeadlineMs: 1000, retryPeriodMs: 200 },
      });
      const led = Promise.withResolvers<void>();
      let silentMs = 0;
      const end = elector.run(new AbortController().signal, async (leadership) => {
        led.resolve();
        await new Promise((resolve) => leadership.signal.addEventListener('abort', resolve));
        silentMs = performance.now() - silentMs;
        expect(leadership.isHeld()).toBe(false);
      });
      await led.promise;
      const pid = await apiServerPid();
      silentMs = performance.now();
      process.kill(pid, 'SIGSTOP');
      try {
        expect(await end).toBe('Lost');
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      expect(silentMs).toBeLessThan(2000);
    });
  });
});

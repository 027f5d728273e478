import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type TimerClock } from '../../../../controller/operator/kube/clock.ts';
import {
  LEASE,
  LeaderElector,
  type ElectionTimings,
  type Leadership,
} from '../../../../controller/operator/kube/leader-election.ts';
import type { Lease } from '../../../../controller/operator/kube/lease-record.ts';
import { ResourceClient } from '../../../../controller/operator/kube/resource-client.ts';
import { keptLog } from '../../../unit/operator/kube/manual-clock.ts';
import { soon, describeOnApiServer, startWidgetCluster, type WidgetCluster } from './widget-cluster.ts';

/** A tenth of the real times. */
const FAST: ElectionTimings = { leaseDurationMs: 2000, renewDeadlineMs: 1000, retryPeriodMs: 200 };
const NAMESPACE = 'default';

let cluster: WidgetCluster;

/** A replica that stands for election and, when elected, leads until asked to stop. */
async function replica(
  leaseName: string,
  identity: string,
  timings: ElectionTimings = FAST,
  clock: TimerClock = systemClock,
) {
  const transport = await cluster.connect();
  const stopping = new AbortController();
  const terms: Leadership[] = [];
  const state = { isLeading: false, wasAborted: false };
  const elector = new LeaderElector({
    leases: new ResourceClient<Lease>(transport, LEASE),
    namespace: NAMESPACE,
    name: leaseName,
    identity: `${hostname()}_${identity}`,
    clock,
    random: Math.random,
    log: keptLog(),
    timings,
    onChange: (isLeading) => (state.isLeading = isLeading),
  });
  const end = elector.run(stopping.signal, async (leadership) => {
    terms.push(leadership);
    await new Promise((resolve) => leadership.signal.addEventListener('abort', resolve, { once: true }));
    state.wasAborted = true;
  });
  return { elector, end, terms, state, transport, stop: () => stopping.abort() };
}

const HOUR_MS = 3_600_000;

/** The clock of a machine that goes right but was set wrong. */
const clockAhead = (byMs: number): TimerClock => ({
  ...systemClock,
  now: () => systemClock.now() + byMs,
  monotonic: () => systemClock.monotonic() + byMs,
});

const leaseOf = (name: string) =>
  new ResourceClient<Lease>(cluster.transport, LEASE).get({ namespace: NAMESPACE, name });

describeOnApiServer('leader election on a real API server', () => {
  beforeAll(async () => {
    cluster = await startWidgetCluster();
  }, 3_600_000);
  afterAll(() => cluster.stop());

  describe('two replicas', () => {
    it('have one leader, and the other takes over within five seconds when it is asked to stop, with the real timings', async () => {
      const timings = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };
      const first = await replica('handover', 'first', timings);
      await soon('the first leads', () => first.state.isLeading);
      const second = await replica('handover', 'second', timings);
      await soon('the second knows who leads', () => second.elector.leader?.endsWith('first') === true);
      expect(second.state.isLeading).toBe(false);

      const askedMs = performance.now();
      first.stop();
      expect(await first.end).toBe('Released');
      await soon('the second leads', () => second.state.isLeading);
      expect(performance.now() - askedMs).toBeLessThan(5000);
      expect(first.terms[0]?.isHeld()).toBe(false);
      expect(second.terms[0]?.epoch).toBeGreaterThan(first.terms[0]?.epoch ?? Infinity);
      second.stop();
      await second.end;
    });

    it('change over by the length of the lease when the leader vanishes without a word', async () => {
      const first = await replica('vanished', 'first');
      await soon('the first leads', () => first.state.isLeading);
      const second = await replica('vanished', 'second');
      const vanishedMs = performance.now();
      // Cut off from the API server, as in a network partition.
      await first.transport.close();
      await soon('the second leads', () => second.state.isLeading);
      expect(performance.now() - vanishedMs).toBeGreaterThan(FAST.renewDeadlineMs);
      // The old leader has stopped before the new one began.
      expect(first.state.wasAborted).toBe(true);
      expect(await first.end).toBe('Lost');
      second.stop();
      await second.end;
    });

    it('keep the lease with the one who renews it, for many periods', async () => {
      const first = await replica('kept', 'first');
      await soon('the first leads', () => first.state.isLeading);
      const second = await replica('kept', 'second');
      const renewals = new Set<string | undefined>();
      while (renewals.size < (1.5 * FAST.leaseDurationMs) / FAST.retryPeriodMs) {
        renewals.add((await leaseOf('kept')).spec?.renewTime);
      }
      expect([first.state.isLeading, second.state.isLeading]).toEqual([true, false]);
      expect((await leaseOf('kept')).spec?.leaseTransitions).toBe(first.terms[0]?.epoch);
      first.stop();
      await first.end;
      second.stop();
      await second.end;
    });
  });

  describe('two replicas whose clocks are two hours apart', () => {
    it.each([
      ['ahead', HOUR_MS],
      ['behind', -HOUR_MS],
    ])(
      'have one leader, whose clock is an hour %s of the API server, for as long as it renews; then the other takes over',
      async (word, byMs) => {
        const name = `skewed-${word}`;
        const first = await replica(name, 'first', FAST, clockAhead(byMs));
        await soon('the first leads', () => first.state.isLeading);
        const second = await replica(name, 'second', FAST, clockAhead(-byMs));
        const renewals = new Set<string | undefined>();
        while (renewals.size < (1.5 * FAST.leaseDurationMs) / FAST.retryPeriodMs) {
          renewals.add((await leaseOf(name)).spec?.renewTime);
        }
        expect([first.state.isLeading, second.state.isLeading]).toEqual([true, false]);
        const cutOffMs = performance.now();
        await first.transport.close();
        await soon('the second leads', () => second.state.isLeading);
        const tookMs = performance.now() - cutOffMs;
        // The old leader has stopped before the new one began, which did not wait for an hour.
        expect([first.state.wasAborted, tookMs > FAST.renewDeadlineMs]).toEqual([true, true]);
        expect(tookMs).toBeLessThan(10 * FAST.leaseDurationMs);
        expect(await first.end).toBe('Lost');
        second.stop();
        await second.end;
      },
    );
  });

  describe('a leader', () => {
    it('that is cut off keeps its time though somebody deletes the lease: the other does not take it at once', async () => {
      const first = await replica('deleted-behind', 'first');
      await soon('the first leads', () => first.state.isLeading);
      const second = await replica('deleted-behind', 'second');
      await soon('the second knows who leads', () => second.elector.leader?.endsWith('first') === true);
      await first.transport.close();
      await new ResourceClient(cluster.transport, LEASE).delete({
        namespace: NAMESPACE,
        name: 'deleted-behind',
      });
      await soon('the second leads', () => second.state.isLeading);
      expect(first.state.wasAborted).toBe(true);
      expect(await first.end).toBe('Lost');
      second.stop();
      await second.end;
    });

    it('stops at once when somebody else has taken the lease', async () => {
      const first = await replica('stolen', 'first');
      await soon('it leads', () => first.state.isLeading);
      const leases = new ResourceClient<Lease>(cluster.transport, LEASE);
      await leases.patch(
        { namespace: NAMESPACE, name: 'stolen' },
        { spec: { holderIdentity: 'thief', renewTime: '2026-01-01T00:00:00.000000Z' } },
        { type: 'merge' },
      );
      expect(await first.end).toBe('Lost');
      expect(first.state.wasAborted).toBe(true);
      expect((await leaseOf('stolen')).spec?.holderIdentity).toBe('thief');
    });

    it('goes on with its own epoch when somebody deletes the lease, and the next exceeds it', async () => {
      const first = await replica('deleted', 'first');
      await soon('it leads', () => first.state.isLeading);
      await new ResourceClient(cluster.transport, LEASE).delete({ namespace: NAMESPACE, name: 'deleted' });
      await soon('it made the lease again', () => first.elector.leader?.endsWith('first') === true);
      let lease: Lease | undefined;
      const look = async () => (lease = await leaseOf('deleted').catch(() => undefined));
      while ((await look()) === undefined);
      expect(lease?.spec).toMatchObject({ leaseTransitions: first.terms[0]?.epoch });
      first.stop();
      expect(await first.end).toBe('Released');
      const second = await replica('deleted', 'second');
      await soon('the second leads', () => second.state.isLeading);
      expect(second.terms[0]?.epoch).toBe((first.terms[0]?.epoch ?? NaN) + 1);
      second.stop();
      await second.end;
    });

    it('releases the lease when what it leads fails, and passes the failure on', async () => {
      const elector = new LeaderElector({
        leases: new ResourceClient<Lease>(cluster.transport, LEASE),
        namespace: NAMESPACE,
        name: 'failed',
        identity: 'me',
        clock: systemClock,
        random: Math.random,
        log: keptLog(),
        timings: FAST,
      });
      const run = elector.run(new AbortController().signal, () => Promise.reject(new Error('no caches')));
      await expect(run).rejects.toThrow('no caches');
      expect((await leaseOf('failed')).spec?.holderIdentity).toBeUndefined();
    });

    it('that is asked to stop while it waits leaves without having led', async () => {
      const first = await replica('waiting', 'first');
      await soon('it leads', () => first.state.isLeading);
      const second = await replica('waiting', 'second');
      await soon('the second waits', () => second.elector.leader !== undefined);
      second.stop();
      expect(await second.end).toBe('Released');
      expect(second.terms).toEqual([]);
      expect(first.state.isLeading).toBe(true);
      first.stop();
      await first.end;
    });
  });

  it('refuses timings that cannot work', () => {
    const timings = { leaseDurationMs: 1000, renewDeadlineMs: 1000, retryPeriodMs: 200 };
    const make = () =>
      new LeaderElector({
        leases: new ResourceClient<Lease>(cluster.transport, LEASE),
        namespace: NAMESPACE,
        name: 'x',
        identity: 'x',
        clock: systemClock,
        random: Math.random,
        log: keptLog(),
        timings,
      });
    expect(make).toThrow('lease duration > renew deadline');
  });
});

import { describe, expect, it } from 'vitest';
import type { LaneShare, LaneState } from '../../controller/domain/ports/lane-ledger.ts';
import { POOL, LONG_LEASE_MS } from './pool-fixture.ts';
import { useLedger, type LedgerSetup } from './ledger-setup.ts';

const LEASE_MS = 400;
const ROUTES = ['mailbox/anna', 'mailbox/bob', 'mailbox/carla', 'esp/relay'];
const CONNECTED = { reason: 'Connected', message: '' } as const;

const ownedRoutes = (share: LaneShare): string[] => share.owned.map(({ route }) => route).sort();
const fenceOf = (share: LaneShare, route: string): number =>
  share.owned.find((lane) => lane.route === route)?.fence ?? 0;

/** What every LaneLedger must do. */
export function describeLaneLedger(name: string, setup: LedgerSetup): void {
  describe(`lane ledger: ${name}`, () => {
    const handle = useLedger(setup);
    const share = (
      senderId: string,
      request: { leaseMs?: number; routes?: string[]; busy?: string[]; states?: LaneState[] } = {},
    ): Promise<LaneShare> =>
      handle.ledger.lanes.share(
        { ...POOL, senderId },
        { leaseMs: LONG_LEASE_MS, routes: ROUTES, busy: [], states: [], ...request },
      );
    /** Beats of all senders, so often that nobody waits for another any more. */
    const settled = async (senders: readonly string[]): Promise<LaneShare[]> => {
      let shares: LaneShare[] = [];
      for (let round = 0; round < 4; round += 1) {
        shares = [];
        for (const sender of senders) shares.push(await share(sender));
      }
      return shares;
    };

    it('gives all lanes to the only sender', async () => {
      const before = await handle.ledger.now();
      const only = await share('a');
      expect(ownedRoutes(only)).toEqual(ROUTES.toSorted());
      expect(only).toMatchObject({ senders: 1, evicted: false });
      expect(only.nowMs).toBeGreaterThanOrEqual(before);
      expect(only.nowMs).toBeLessThanOrEqual(await handle.ledger.now());
    });

    it('keeps lanes and fences over heartbeats', async () => {
      const first = await share('a');
      expect(new Set((await share('a')).owned)).toEqual(new Set(first.owned));
    });

    it.each([[['a', 'b']], [['a', 'b', 'c']]])(
      'shares the lanes fairly among %j, each lane with one owner',
      async (senders) => {
        const shares = await settled(senders);
        const fairShare = Math.ceil(ROUTES.length / senders.length);
        for (const one of shares) {
          expect(one.senders).toBe(senders.length);
          expect(one.owned.length).toBeLessThanOrEqual(fairShare);
        }
        expect(shares.flatMap(ownedRoutes).sort()).toEqual(ROUTES.toSorted());
      },
    );

    it('never gives one lane to two senders, however many ask at once', async () => {
      const senders = ['a', 'b', 'c', 'd', 'e'];
      const shares = await Promise.all(senders.map((sender) => share(sender)));
      const last = await Promise.all(senders.map((sender) => share(sender)));
      for (const round of [shares.slice(-1), last.slice(-1)]) expect(round).toHaveLength(1);
      const owners = new Map<string, number>();
      for (const one of await settled(senders)) {
        for (const { route } of one.owned) owners.set(route, (owners.get(route) ?? 0) + 1);
      }
      expect([...owners.values()]).toEqual(ROUTES.map(() => 1));
    });

    it('hands a lane over with a higher fence', async () => {
      const before = await share('a');
      await share('b');
      const kept = await share('a');
      const taken = await share('b');
      expect(taken.owned).toHaveLength(2);
      for (const { route, fence } of taken.owned) expect(fence).toBeGreaterThan(fenceOf(before, route));
      for (const { route, fence } of kept.owned) expect(fence).toBe(fenceOf(before, route));
    });

    it('does not take a busy lane away', async () => {
      await share('a');
      await share('b');
      const busy = await share('a', { busy: ROUTES });
      expect(ownedRoutes(busy)).toEqual(ROUTES.toSorted());
      expect((await share('b')).owned).toEqual([]);
    });

    it('gives up a lane that is no longer in the plan, once it is not busy', async () => {
      await share('a');
      const routes = ROUTES.slice(1);
      const busy = await share('a', { routes, busy: ['mailbox/anna'] });
      expect(ownedRoutes(busy)).toContain('mailbox/anna');
      expect(ownedRoutes(await share('a', { routes }))).toEqual(routes.toSorted());
    });

    it('frees the lanes of a silent sender after its lease', async () => {
      const dead = await share('dead', { leaseMs: LEASE_MS });
      expect((await share('heir')).owned).toEqual([]);
      await handle.pass(LEASE_MS + 5);
      const heir = await share('heir');
      expect(ownedRoutes(heir)).toEqual(ROUTES.toSorted());
      expect(heir.senders).toBe(1);
      for (const { route, fence } of heir.owned) expect(fence).toBeGreaterThan(fenceOf(dead, route));
    });

    it('lets a sender that was silent come back without its lanes, unless it was declared dead', async () => {
      await share('a', { leaseMs: LEASE_MS });
      await handle.pass(LEASE_MS + 5);
      await share('b');
      expect(await share('a', { leaseMs: LEASE_MS })).toMatchObject({
        owned: [],
        evicted: false,
        senders: 2,
      });
      await handle.pass(LEASE_MS + 5);
      await handle.ledger.queue.recover(POOL);
      expect(await share('a')).toMatchObject({ owned: [], evicted: true, senders: 1 });
      expect(await share('a')).toMatchObject({ owned: [], evicted: true });
      expect(await share('a2')).toMatchObject({ evicted: false, senders: 2 });
    });

    it('gives the lanes of a sender that leaves to the next one at once', async () => {
      const before = await share('a');
      await handle.ledger.lanes.leave({ ...POOL, senderId: 'a' });
      await handle.ledger.lanes.leave({ ...POOL, senderId: 'a' });
      const next = await share('b');
      expect(ownedRoutes(next)).toEqual(ROUTES.toSorted());
      expect(next.senders).toBe(1);
      for (const { route, fence } of next.owned) expect(fence).toBeGreaterThan(fenceOf(before, route));
    });

    it('tells everybody what the owners say of their lanes', async () => {
      await share('a', { routes: ['mailbox/anna'] });
      await share('b', { routes: ['mailbox/bob'] });
      expect(await handle.ledger.lanes.states(POOL)).toEqual([]);
      const anna = { route: 'mailbox/anna', ...CONNECTED };
      const bob: LaneState = {
        route: 'mailbox/bob',
        reason: 'QuotaExhausted',
        untilMs: 1_900_000_000_000,
        message: '100 of 100',
      };
      await share('a', { routes: ['mailbox/anna'], states: [anna] });
      const seen = await share('b', { routes: ['mailbox/bob'], states: [bob] });
      expect(seen.states).toHaveLength(2);
      expect(seen.states).toEqual(expect.arrayContaining([anna, bob]));
      expect(await handle.ledger.lanes.states(POOL)).toEqual(expect.arrayContaining([anna, bob]));
    });

    it('does not take the word of a sender for a lane that is not its own', async () => {
      await share('a', { routes: ['mailbox/anna'] });
      const states = [{ route: 'mailbox/anna', ...CONNECTED }];
      expect((await share('b', { routes: [], states })).states).toEqual([]);
    });

    it('keeps the pools apart', async () => {
      await share('a');
      const other = { namespace: 'mail', pool: 'other', senderId: 'b' };
      const request = { leaseMs: LONG_LEASE_MS, routes: ROUTES, busy: [], states: [] };
      expect((await handle.ledger.lanes.share(other, request)).owned).toHaveLength(ROUTES.length);
    });
  });
}

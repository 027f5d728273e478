import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Claim } from '../../../controller/domain/ports/queue-ledger.ts';
import { EARNED_LIST } from '../../../controller/domain/ports/suppression-ledger.ts';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import type { ToldAgain } from '../../../controller/ledger/tail/tail.ts';
import { audienceRows } from '../../builders/audience.ts';
import { aPlan } from '../../builders/plan.ts';
import { aDayLimit, aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import {
  attemptsOf,
  countsOf,
  openPool,
  POOL,
  recordOf,
  startSender,
  type TestSender,
} from '../../contract/pool-fixture.ts';
import { openRedisDoor } from '../../redis/redis-door.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';
import { writtenUntilNow } from '../../redis/redis-rollback.ts';

const ANY = { constraint: { kind: 'Any' }, overflow: '' } as const;
const DAY = aReserveRequest({ limits: [aDayLimit({ recipients: 5 })] });
/** Longer than a process waits until all others are back. */
const HELD_MS = 2_500;

describe('a Redis that lost its last writes', () => {
  let redis: RedisServer;
  let ledger: RedisLedger;
  let other: RedisLedger;
  const told: ToldAgain[] = [];
  const opened: RedisLedger[] = [];

  const open = async (url = redis.url) => {
    const options = { url, prefix: 't:', ackDelayMs: 0, commandTimeoutMs: 20_000 };
    const added = await openRedisLedger({ ...options, onTold: (what) => told.push(what) });
    opened.push(added);
    return added;
  };
  beforeEach(async () => {
    redis = await startRedis();
    told.length = 0;
    ledger = await open();
    other = await open();
    await openPool(ledger, 4);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await redis.stop();
  });

  const isBack = (who: RedisLedger) =>
    waitUntil('the ledger answers', () => who.now(), { timeoutMs: 20_000, intervalMs: 20 });
  const bothAreBack = () => Promise.all([isBack(ledger), isBack(other)]);
  const rowsOf = (claims: readonly Claim[]) => claims.map(({ key }) => key.row);
  const sending = async (): Promise<[TestSender, TestSender]> => [
    await startSender(ledger, 's1', { routes: ['mailbox/anna'] }),
    await startSender(other, 's2', { routes: ['esp/relay'] }),
  ];
  const used = async () => (await ledger.quota.usage([DAY]))[0]?.used;

  it('knows again what was begun: nobody else gets a message that is on the wire', async () => {
    const [sender, second] = await sending();
    const before = await writtenUntilNow(redis);
    const claim = await sender.claimOne();
    await sender.begin(claim);
    await before.comeBack();
    await bothAreBack();
    const backMs = Date.now();
    expect(rowsOf(await second.claim({ any: 9 }))).toEqual([1, 2, 3]);
    expect(Date.now() - backMs).toBeGreaterThan(HELD_MS);
    expect(told).toContainEqual({ claims: 1, reservations: 0, elsewhere: 0 });
    expect(await sender.deliver(claim)).toBe('Ok');
    expect(await countsOf(ledger)).toMatchObject({ total: 4, delivered: 1, inFlight: 3, pending: 0 });
  });

  it('knows again how attempts ended, each with its record, and what follows', async () => {
    const [sender, second] = await sending();
    const before = await writtenUntilNow(redis);
    const [sent, later, returned] = await sender.claim({ any: 3 });
    if (!sent || !later || !returned) throw new Error('three were to be claimed');
    for (const claim of [sent, later, returned]) await sender.begin(claim);
    await sender.deliver(sent, { followUp: { step: 1, dueInMs: 60_000 } });
    const record = recordOf(later, { code: 450, class: 'transient', outcome: 'Deferred' });
    const settlement = { kind: 'Deferred', dueInMs: 60_000, ...ANY } as const;
    await sender.settle(later, { settlement, record, route: 'mailbox/anna' });
    await sender.settle(returned, { settlement: { kind: 'Returned', dueInMs: 0, ...ANY } });
    const [counts, records] = [await countsOf(ledger), await attemptsOf(ledger)];
    await before.comeBack();
    await bothAreBack();
    expect(await countsOf(ledger)).toEqual(counts);
    expect(await attemptsOf(ledger)).toEqual(records);
    expect(rowsOf(await second.claim({ any: 9 })).sort()).toEqual([returned.key.row, 3]);
  });

  it('changes nothing when nothing was lost', async () => {
    const [sender] = await sending();
    const [onWire, sent, held] = await sender.claim({ any: 3 });
    if (!onWire || !sent || !held) throw new Error('three were to be claimed');
    await sender.begin(onWire);
    await sender.begin(sent);
    await sender.deliver(sent);
    await ledger.quota.reserve(DAY);
    const before = [await countsOf(ledger), await attemptsOf(ledger), await used()];
    await redis.kill9();
    await redis.restart();
    await bothAreBack();
    expect([await countsOf(ledger), await attemptsOf(ledger), await used()]).toEqual(before);
    expect(told).toContainEqual({ claims: 0, reservations: 0, elsewhere: 0 });
    expect(await sender.begin(held)).toBe('Ok');
  });

  it('counts reservations again, of all processes: the cap is reached and not exceeded', async () => {
    await ledger.quota.reserve(DAY);
    const before = await writtenUntilNow(redis);
    await ledger.quota.reserve(DAY);
    const given = await ledger.quota.reserve(DAY);
    if (given.granted) await ledger.quota.release(given.reservation);
    await other.quota.reserve(DAY);
    await other.quota.reserve(DAY);
    await before.comeBack();
    await bothAreBack();
    expect(await used()).toBe(4);
    const answers = await Promise.all([ledger, other, ledger].map((one) => one.quota.reserve(DAY)));
    expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
    expect(await used()).toBe(5);
  });

  it('counts reservations of who comes late, when others who had none have reserved since', async () => {
    const door = await openRedisDoor(redis.port);
    const late = await open(door.url);
    const before = await writtenUntilNow(redis);
    await late.quota.reserve(DAY);
    await late.quota.reserve(DAY);
    door.leadTo();
    await before.comeBack();
    await isBack(ledger);
    const fresh = await open();
    for (const one of [ledger, fresh]) expect(await one.quota.reserve(DAY)).toMatchObject({ granted: true });
    door.leadTo(redis.port);
    await isBack(late);
    expect(await used()).toBe(4);
    await door.close();
  });

  it('counts the same when it is lost a second time, before all was told', async () => {
    await ledger.quota.reserve(DAY);
    const first = await writtenUntilNow(redis);
    await ledger.quota.reserve(DAY);
    await other.quota.reserve(DAY);
    await first.comeBack();
    await isBack(ledger);
    const second = await writtenUntilNow(redis);
    await isBack(other);
    await second.comeBack();
    await bothAreBack();
    expect(await used()).toBe(3);
  });

  it('counts no reservation twice when it is killed again and again without losing any', async () => {
    for (let round = 1; round <= 3; round += 1) {
      await ledger.quota.reserve(DAY);
      await redis.kill9();
      await redis.restart();
      await bothAreBack();
      expect(await used()).toBe(round);
    }
  });

  it('hands out no token that is still in use', async () => {
    const [sender] = await sending();
    const before = await writtenUntilNow(redis);
    const claims = await sender.claim({ any: 2 });
    await before.comeBack();
    await bothAreBack();
    const tokens = [...claims, ...(await sender.claim({ any: 9 }))].map(({ token }) => token);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens).toHaveLength(6);
  });

  it('lets who comes back first wait for the others', async () => {
    const [sender, second] = await sending();
    const before = await writtenUntilNow(redis);
    const mine = await second.claimOne();
    expect(await second.begin(mine, 'esp/relay')).toBe('Ok');
    await before.comeBack();
    await isBack(ledger);
    const rows = sender.claim({ any: 9 });
    await isBack(other);
    expect(rowsOf(await rows)).not.toContain(mine.key.row);
    expect(await second.deliver(mine)).toBe('Ok');
  });

  it('lets a process wait that is started just then', async () => {
    const [, second] = await sending();
    const before = await writtenUntilNow(redis);
    await before.comeBack();
    await isBack(ledger);
    const third = await startSender(await open(), 's3');
    const backMs = Date.now();
    await third.claim();
    expect(Date.now() - backMs).toBeGreaterThan(HELD_MS - 500);
    await second.claim();
  });

  it('makes nobody wait when only connections broke', async () => {
    const [sender] = await sending();
    await askRedis(redis.port, 'CLIENT KILL TYPE normal');
    await bothAreBack();
    const backMs = Date.now();
    expect(await sender.claim()).toHaveLength(4);
    expect(Date.now() - backMs).toBeLessThan(HELD_MS / 2);
    expect(told).toEqual([]);
  });

  it('knows an opt-out again that was acknowledged', async () => {
    const keys = { addresses: ['rita@example.net'], domains: ['example.net'] };
    const entry = { list: EARNED_LIST, keys, reason: 'Unsubscribed', address: 'rita@example.net' } as const;
    const before = await writtenUntilNow(redis);
    await ledger.suppression.add('mail', entry);
    await before.comeBack();
    await bothAreBack();
    expect(await other.suppression.check('mail', [], [keys])).toMatchObject([{ kind: 'Earned' }]);
  });

  it('misses no row of an import that was under way, or had just ended', async () => {
    const autumn = { ...POOL, campaign: 'autumn' };
    const rows = audienceRows(600);
    await ledger.audience.append(autumn, 0, rows.slice(0, 100));
    const before = await writtenUntilNow(redis);
    await ledger.audience.append(autumn, 100, rows.slice(100, 400));
    await before.comeBack();
    await bothAreBack();
    await ledger.audience.append(autumn, 400, rows.slice(400));
    const again = await writtenUntilNow(redis);
    const counts = { read: 600, accepted: 600, invalid: 0, duplicate: 0 };
    await ledger.audience.commit(autumn, { revision: 'r', total: 600, removed: [], restored: [], counts });
    await again.comeBack();
    await bothAreBack();
    expect((await ledger.audience.state(autumn)).revision).toBe('r');
    const chunks = await Promise.all([0, 1, 2].map((chunk) => ledger.audience.chunk(autumn, chunk)));
    expect(chunks.flat()).toEqual(rows);
    expect(await countsOf(ledger, 'autumn')).toMatchObject({ total: 600, pending: 600 });
  });

  it('begins a large import anew when rows of it were lost, and shows none that may be lost', async () => {
    const autumn = { ...POOL, campaign: 'autumn' };
    const rows = audienceRows(10_500);
    const counts = { read: 10_500, accepted: 10_500, invalid: 0, duplicate: 0 };
    const commit = () =>
      ledger.audience.commit(autumn, { revision: 'r', total: 10_500, removed: [], restored: [], counts });
    await ledger.audience.append(autumn, 0, rows.slice(0, 10_250));
    const before = await writtenUntilNow(redis);
    await ledger.audience.append(autumn, 10_250, rows.slice(10_250));
    await before.comeBack();
    await isBack(ledger);
    await expect(commit()).rejects.toThrow(/import them again/);
    await ledger.audience.append(autumn, 0, rows);
    const writtenMs = Date.now();
    await commit();
    expect(Date.now() - writtenMs).toBeGreaterThanOrEqual(2_000);
    expect(await ledger.audience.chunk(autumn, 41)).toHaveLength(250);
  });

  it('has the latest plan and suppression list in force again', async () => {
    const list = { revision: '2', addresses: ['b@example.net'], domains: [] };
    const before = await writtenUntilNow(redis);
    await ledger.plans.publish(aPlan({ revision: 'second', suspended: true }));
    await ledger.suppression.publish('mail', 'blocked', list);
    await before.comeBack();
    // Both tell what they know, and only one of them knows this: it is told by itself, asked is the other.
    await waitUntil(
      'the list is told again',
      async () => (await other.suppression.published('mail')).get('blocked') === '2',
      { timeoutMs: 20_000 },
    );
    expect(await other.plans.revision(POOL)).toBe('second');
  });

  it('keeps what another process published since', async () => {
    const before = await writtenUntilNow(redis);
    await ledger.plans.publish(aPlan({ revision: 'second' }));
    await ledger.close();
    await before.comeBack();
    await isBack(other);
    await other.plans.publish(aPlan({ revision: 'third' }));
    ledger = await open();
    expect(await ledger.plans.revision(POOL)).toBe('third');
  });
});

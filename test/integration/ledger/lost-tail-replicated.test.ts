import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import type { ToldAgain } from '../../../controller/ledger/tail/tail.ts';
import { aDayLimit, aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { countsOf, openPool, startSender } from '../../contract/pool-fixture.ts';
import { startRedisCluster } from '../../redis/redis-cluster.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { writtenUntilNow } from '../../redis/redis-rollback.ts';
import { startSentinelTrio } from '../../redis/redis-sentinel.ts';

const DAY = aReserveRequest({ limits: [aDayLimit({ recipients: 3 })] });

/** A ledger at the URL with a pool, one message of it on the wire and one reservation, both after `sinceThen`. */
async function sendOne(url: string, sinceThen: () => Promise<void>) {
  const told: ToldAgain[] = [];
  const open = async () => {
    const ledger = await openRedisLedger({ url, prefix: 't:', onTold: (what) => told.push(what) });
    onTestFinished(() => ledger.close());
    return ledger;
  };
  const [ledger, other] = [await open(), await open()];
  await openPool(ledger, 3);
  const sender = await startSender(ledger, 's1');
  const second = await startSender(other, 's2');
  await ledger.quota.reserve(DAY);
  await sinceThen();
  const claim = await sender.claimOne();
  expect(await sender.begin(claim)).toBe('Ok');
  await ledger.quota.reserve(DAY);
  return { ledger, other, sender, second, claim, told };
}

/** All was told: nobody else gets the message, and the cap is kept. */
async function expectKnown({
  ledger,
  other,
  sender,
  second,
  claim,
  told,
}: Awaited<ReturnType<typeof sendOne>>) {
  for (const one of [ledger, other]) {
    await waitUntil('the ledger answers', () => one.now(), { timeoutMs: 40_000, intervalMs: 100 });
  }
  expect(told).toContainEqual({ claims: 1, reservations: 1, elsewhere: 0 });
  const rows = (await second.claim({ any: 9 })).map(({ key }) => key.row);
  expect(rows).toHaveLength(2);
  expect(rows).not.toContain(claim.key.row);
  expect(await other.quota.reserve(DAY)).toMatchObject({ granted: true, used: 3 });
  expect(await ledger.quota.reserve(DAY)).toMatchObject({ granted: false });
  expect(await sender.deliver(claim)).toBe('Ok');
  expect(await countsOf(ledger)).toMatchObject({ delivered: 1, inFlight: 2, pending: 0 });
}

describe('the last writes that were lost', () => {
  it('by a replica that lagged are told to it when it is the primary', { timeout: 120_000 }, async () => {
    const trio = await startSentinelTrio();
    onTestFinished(() => trio.stop());
    const sent = await sendOne(trio.url, async () => {
      // The link of the replica is cut once it has all, and while it stands still it cannot make it anew.
      const [, offset] =
        /master_repl_offset:(\d+)/.exec(await askRedis(trio.primary.port, 'INFO replication')) ?? [];
      const hasAll = async () => {
        const info = await askRedis(trio.replica.port, 'INFO replication');
        return Number(/slave_repl_offset:(\d+)/.exec(info)?.[1]) >= Number(offset);
      };
      await waitUntil('the replica has all', hasAll, { timeoutMs: 10_000, intervalMs: 20 });
      trio.replica.pause();
      await askRedis(trio.primary.port, 'CLIENT KILL TYPE replica');
    });
    await trio.primary.kill9();
    trio.replica.resume();
    await expectKnown(sent);
  });

  it('by nodes of a Redis Cluster are told to each of them', { timeout: 120_000 }, async () => {
    const cluster = await startRedisCluster(3);
    onTestFinished(() => cluster.stop());
    let written: Awaited<ReturnType<typeof writtenUntilNow>>[] = [];
    const sent = await sendOne(cluster.url, async () => {
      written = await Promise.all(cluster.nodes.map(writtenUntilNow));
    });
    await Promise.all(written.map((then) => then.comeBack()));
    await expectKnown(sent);
  });
});

import { expect, it, onTestFinished } from 'vitest';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { aDayLimit, aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { countsOf, openPool, startSender } from '../../contract/pool-fixture.ts';
import { addReplica, startRedisCluster } from '../../redis/redis-cluster.ts';
import { askRedis } from '../../redis/redis-program.ts';

const DAY = aReserveRequest({ limits: [aDayLimit({ recipients: 5 })] });

it(
  'a replica that lagged is told what it lacks when it takes over from a primary that lives on',
  {
    timeout: 90_000,
  },
  async () => {
    const cluster = await startRedisCluster(1);
    onTestFinished(() => cluster.stop());
    const [primary] = cluster.nodes;
    if (primary === undefined) throw new Error('there is no primary');
    const replica = await addReplica(primary);
    onTestFinished(() => replica.stop());
    const ledger = await openRedisLedger({ url: cluster.url, prefix: 't:', ackDelayMs: 0 });
    onTestFinished(() => ledger.close());
    await openPool(ledger, 4);
    const sender = await startSender(ledger, 's1');
    const knowsSender = async () => (await askRedis(replica.port, 'KEYS *senders')).includes('senders');
    await waitUntil('the replica knows the sender', knowsSender, { timeoutMs: 10_000, intervalMs: 20 });

    // Its link is cut, and while it stands still it cannot make it anew.
    replica.pause();
    await askRedis(primary.port, 'CLIENT KILL TYPE replica');
    const claim = await sender.claimOne();
    await sender.begin(claim);
    await sender.deliver(claim);
    await ledger.quota.reserve(DAY);
    replica.resume();
    expect(await askRedis(replica.port, 'CLUSTER FAILOVER TAKEOVER')).toContain('OK');
    // Until then it answers as the primary that it was.
    const hasHeard = async () => (await askRedis(primary.port, 'ROLE')).includes('slave');
    await waitUntil('the former primary has heard of it', hasHeard, { timeoutMs: 10_000, intervalMs: 5 });

    const reserved = await waitUntil(
      'a reservation is answered',
      () =>
        ledger.quota
          .reserve(DAY)
          .catch((error: Error) => (/unavailable/.test(error.message) ? undefined : error)),
      { timeoutMs: 30_000, intervalMs: 50 },
    );
    expect(reserved).toMatchObject({ granted: true, used: 2 });
    expect(await countsOf(ledger)).toMatchObject({ delivered: 1, pending: 3 });
  },
);

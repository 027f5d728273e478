import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EARNED_LIST } from '../../../controller/domain/ports/suppression-ledger.ts';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { aDayLimit, aReserveRequest } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { countsOf, openPool, startSender } from '../../contract/pool-fixture.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { writtenUntilNow } from '../../redis/redis-rollback.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';

const DAY = aReserveRequest({ limits: [aDayLimit({ recipients: 5 })] });
/** Longer than what was done is remembered while the ledger is there. */
const OUTAGE_MS = 11_000;

describe('what a Redis acknowledged and lost', { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let ledger: RedisLedger;

  beforeEach(async () => {
    redis = await startRedis();
    ledger = await openRedisLedger({
      url: redis.url,
      prefix: 't:',
      ackDelayMs: 0,
      commandTimeoutMs: 20_000,
    });
    await openPool(ledger, 4);
  });
  afterEach(async () => {
    await ledger.close();
    await redis.stop();
  });

  /** One message is sent: a claim that ended, a reservation; and somebody opts out. */
  const work = async () => {
    const sender = await startSender(ledger, 's1');
    const before = await writtenUntilNow(redis);
    const claim = await sender.claimOne();
    await sender.begin(claim);
    await sender.deliver(claim);
    await ledger.quota.reserve(DAY);
    await ledger.suppression.add('mail', optOut('rita'));
    return before;
  };
  const isKnownAgain = async () => {
    await waitUntil('the ledger answers', () => ledger.now(), { timeoutMs: 20_000, intervalMs: 20 });
    expect(await countsOf(ledger)).toMatchObject({ delivered: 1, pending: 3 });
    expect(await ledger.quota.usage([DAY])).toMatchObject([{ used: 1 }]);
    const [found] = await ledger.suppression.check('mail', [], [optOut('rita').keys]);
    expect(found).toMatchObject({ kind: 'Earned' });
  };
  const isLost = () =>
    waitUntil(
      'the loss is noticed',
      () =>
        ledger.health().then(
          ({ reason }) => reason === 'LedgerLost',
          () => false,
        ),
      { timeoutMs: 20_000, intervalMs: 20 },
    );

  it('is told after a long outage as well, though things were tried meanwhile and its health is asked first', async () => {
    const before = await work();
    const untilMs = performance.now() + OUTAGE_MS;
    const tryInVain = async () => {
      while (performance.now() < untilMs) {
        await expect(ledger.suppression.add('mail', optOut('otto'))).rejects.toThrow('ledger unavailable');
        await pass(500);
      }
    };
    await before.comeBack({ whileAway: tryInVain });
    await waitUntil('its health is told', () => ledger.health(), { timeoutMs: 20_000, intervalMs: 5 });
    await isKnownAgain();
  });

  it('is told when the right files are back long after the wrong ones', async () => {
    const before = await work();
    await redis.kill9();
    await rename(join(redis.dir, 'appendonlydir'), join(redis.dir, 'the-right-one'));
    await redis.restart();
    await isLost();
    await pass(OUTAGE_MS);
    await before.comeBack();
    await isKnownAgain();
  });

  it('is told to a ledger that a person let take the place of a lost one', async () => {
    await askRedis(redis.port, 'FLUSHALL');
    await isLost();
    await ledger.confirmLedgerLoss();
    await openPool(ledger, 4);
    const before = await work();
    await before.comeBack();
    await isKnownAgain();
  });
});

function optOut(name: string) {
  const address = `${name}@example.net`;
  const keys = { addresses: [address], domains: ['example.net'] };
  return { list: EARNED_LIST, keys, reason: 'Unsubscribed', address } as const;
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDayLimit, aReserveRequest } from '../../builders/quota.ts';
import { useRedis, type StillLedger } from './redis-under-test.ts';

const redis = useRedis();
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('a server whose clock is set', () => {
  let still: StillLedger;
  let jumps: number[];

  beforeEach(async () => {
    jumps = [];
    still = await redis.openStill({ onClockJump: (jumpMs) => jumps.push(jumpMs) });
  });
  afterEach(() => still.teardown());

  const request = aReserveRequest({ limits: [aDayLimit({ recipients: 2 })] });
  const reserve = () => still.ledger.quota.reserve(request);

  it.each([
    ['an hour forward', HOUR_MS],
    ['two days forward', 2 * DAY_MS],
    ['an hour back', -HOUR_MS],
    ['two days back', -2 * DAY_MS],
  ])('%s, frees no usage and keeps none longer', async (_name, ms) => {
    await reserve();
    await reserve();
    await still.jump(ms);
    expect(await reserve()).toMatchObject({ granted: false, reason: 'QuotaExhausted', used: 2 });
    await still.advance(DAY_MS - HOUR_MS);
    expect(await reserve()).toMatchObject({ granted: false });
    await still.advance(HOUR_MS + HOUR_MS);
    expect(await reserve()).toMatchObject({ granted: true, used: 1 });
  });

  it('answers times by the clock that the server has now', async () => {
    await reserve();
    await reserve();
    await still.jump(HOUR_MS);
    const now = await still.ledger.now();
    const answer = await reserve();
    if (answer.granted || answer.retryAtMs === undefined) throw new Error('granted');
    expect(answer.retryAtMs - now).toBeGreaterThan(DAY_MS - 1);
    expect(answer.retryAtMs - now).toBeLessThan(DAY_MS + HOUR_MS / 2);
  });

  it('is noticed in the very call that comes first', async () => {
    for (let round = 0; round < 5; round += 1) {
      await still.jump(2 * DAY_MS);
      await reserve();
    }
    expect(await reserve()).toMatchObject({ granted: false, used: 2 });
  });

  it('is told of once', async () => {
    await still.jump(-HOUR_MS);
    await reserve();
    await reserve();
    expect(jumps).toEqual([-HOUR_MS]);
  });
});

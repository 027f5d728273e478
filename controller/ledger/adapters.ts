import type { Clock } from '../domain/ports/clock.ts';
import type { WindowShape } from '../domain/quota/rolling-window.ts';
import { RedisAudienceLedger } from './redis-audience-ledger.ts';
import { RedisLaneLedger } from './redis-lane-ledger.ts';
import { RedisPlanLedger } from './redis-plan-ledger.ts';
import { RedisQueueLedger } from './redis-queue-ledger.ts';
import { RedisQuotaLedger } from './redis-quota-ledger.ts';
import { RedisReportLedger } from './redis-report-ledger.ts';
import { RedisSuppressionLedger } from './redis-suppression-ledger.ts';
import type { Store } from './store.ts';

/** The parts of a ledger over one store. `ackDelayMs`: how long adding a suppression waits until it is acknowledged. */
export function adaptersOf(
  store: Store,
  {
    quotaShape,
    clock,
    ackDelayMs,
  }: { quotaShape: WindowShape; clock: Pick<Clock, 'sleep'>; ackDelayMs: number },
) {
  return {
    quota: new RedisQuotaLedger(store, quotaShape),
    queue: new RedisQueueLedger(store),
    lanes: new RedisLaneLedger(store),
    suppression: new RedisSuppressionLedger(store, clock, ackDelayMs),
    audience: new RedisAudienceLedger(store),
    plans: new RedisPlanLedger(store),
    reports: new RedisReportLedger(store),
  };
}

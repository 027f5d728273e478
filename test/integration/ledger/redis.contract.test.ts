import { describeLedger } from '../../contract/ledger.contract.ts';
import { describeQuotaHistories } from '../../contract/quota-histories.contract.ts';
import { useRedis } from './redis-under-test.ts';

const redis = useRedis();

describeLedger('ledger in Redis', () => redis.openStill());
describeQuotaHistories('ledger in Redis', (quotaShape) => redis.openStill({ quotaShape }), {
  runs: 20,
  side: 4,
});

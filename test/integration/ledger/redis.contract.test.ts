import { describeLedger } from '../../contract/ledger.contract.ts';
import { useRedis } from './redis-under-test.ts';

const redis = useRedis();

describeLedger('ledger in Redis', async () => {
  const ledger = await redis.open();
  return { ledger, teardown: () => ledger.close() };
});

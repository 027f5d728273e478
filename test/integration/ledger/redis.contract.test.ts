import { describeLedger } from '../../contract/ledger.contract.ts';
import { describeQuotaHistories } from '../../contract/quota-histories.contract.ts';
import { logInWithLeastRights } from './access.ts';
import { useRedis } from './redis-under-test.ts';

const redis = useRedis();
/** All that the contract asks for is done with the rights that redis.acl gives. */
const url = () => logInWithLeastRights(redis.admin, redis.server.port);

describeLedger('ledger in Redis', async () => redis.openStill({ url: await url() }));
describeQuotaHistories(
  'ledger in Redis',
  async (quotaShape) => redis.openStill({ url: await url(), quotaShape }),
  // One after the other: histories side by side move the one clock under each other's steps, and where a step stands in time is then
  // known so loosely that the beliefs no longer fit into their limit.
  { runs: 32, side: 1 },
);

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { checkout } from '../image.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { runCommand } from '../process/command.ts';
import { waitUntil } from '../process/wait-until.ts';
import { everything } from './campaign-documents.ts';
import {
  conditionOf,
  has,
  startOperatorWorld,
  LEDGER_PREFIX,
  type OperatorWorld,
  type Shown,
} from './operator-world.ts';

const reason = await reasonToSkip('control-plane');
const title =
  reason === undefined ? 'an operator on an emptied Redis' : `an operator on an emptied Redis (${reason})`;
const namespace = 'lost';
const PLACE = { namespace, kind: 'SendingPool', name: 'pool' } as const;
const DEPLOYMENT = { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' } as const;
const RECORD = { namespace: 'default', kind: 'v1/configmaps', name: 'mailers-ledger' } as const;
const MAIN = join(checkout, 'controller', 'cli', 'main.ts');

describe.skipIf(reason !== undefined)(title, { timeout: 120_000 }, () => {
  let world: OperatorWorld;

  beforeAll(async () => {
    world = await startOperatorWorld();
    await world.startOperator('operator-1');
    await world.apply(namespace, everything());
    await world.until({ namespace, kind: 'Campaign', name: 'launch' }, has('AudienceImported', 'True'));
  }, 3_600_000);

  afterEach(() => world.checkStatuses());
  afterAll(() => world.stop(), 60_000);

  const flush = () => askRedis(world.redis.port, 'FLUSHALL');
  const keyCount = async () => Number((await askRedis(world.redis.port, 'DBSIZE')).slice(1));
  const expectedByPods = async () =>
    /"MAILERS_LEDGER_ID","value":"([^"]+)"/.exec(
      JSON.stringify(await world.until(DEPLOYMENT, () => true)),
    )?.[1];
  const recorded = async () =>
    (await world.until(RECORD, () => true)) as Shown & { data: { ledgerId: string } };
  const confirm = (...args: string[]) =>
    runCommand(process.execPath, [MAIN, 'ledger', 'confirm', ...args], {
      env: {
        REDIS_URL: world.redis.url,
        MAILERS_LEDGER_PREFIX: LEDGER_PREFIX,
        MAILERS_STATE_DIR: '/nonexistent',
      },
    });
  /** What is in force is in the ledger that Redis has now, and the audience with it. Answers the ledger's id. */
  const untilPublished = async (): Promise<string> => {
    const now = await openRedisLedger({ url: world.redis.url, prefix: `${LEDGER_PREFIX}:` });
    const isThere = async () =>
      (await now.plans.revision({ namespace, pool: 'pool' })) !== undefined &&
      (await now.audience.state({ namespace, pool: 'pool', campaign: 'launch' })).rows > 0;
    await waitUntil('plan and audience are published', isThere, { timeoutMs: 30_000 }).catch(
      async (error: Error) => {
        const said = await Promise.all(world.operators.map((operator) => operator.account()));
        throw new Error(`${error.message}\n${said.join('\n')}`, { cause: error });
      },
    );
    await now.close();
    await world.until(PLACE, (pool) => conditionOf(pool, 'LedgerDurable')?.reason !== 'LedgerLost');
    return now.id;
  };
  const idLost = async () => {
    const pool = await world.until(PLACE, has('LedgerDurable', 'False', 'LedgerLost'));
    expect(conditionOf(pool, 'Ready')).toMatchObject({ status: 'False', reason: 'LedgerLost' });
    return (
      /ledger confirm --lost ([0-9a-f-]{36})/.exec(conditionOf(pool, 'LedgerDurable')?.message ?? '')?.[1] ??
      ''
    );
  };

  it('has noted which ledger is its own, for itself and for its pods', async () => {
    const { ledgerId } = (await recorded()).data;
    expect(ledgerId).toBe(world.ledger.id);
    expect(await expectedByPods()).toBe(ledgerId);
  });

  it('publishes nothing when it is started again, says what to do, and goes on when that is confirmed', async () => {
    const podsBefore = (await world.until(DEPLOYMENT, () => true)).metadata.generation;
    const before = world.ledger.id;
    await world.operators[0]?.stop();
    await flush();
    await world.startOperator('operator-2');
    expect(await idLost()).toBe(before);
    expect(await keyCount()).toBe(0);
    expect(await confirm('--lost', before)).toContain(`replaces ${before}`);
    const now = await untilPublished();
    expect(now).not.toBe(before);
    expect((await recorded()).data.ledgerId).toBe(now);
    // Pods that know the ledger by its former id know this one: none is replaced.
    expect((await world.until(DEPLOYMENT, () => true)).metadata.generation).toBe(podsBefore);
  });

  it('notices it while it runs, too', async () => {
    await flush();
    const lost = await idLost();
    expect(lost).toBe((await recorded()).data.ledgerId);
    expect(await keyCount()).toBe(0);
    await confirm('--lost', lost);
    await untilPublished();
  });

  it('is warned by its pods when it has no memory of its own', async () => {
    const pods = await expectedByPods();
    await world.operators[1]?.stop();
    await flush();
    await world.run('delete', 'configmap', RECORD.name);
    await world.startOperator('operator-3');
    expect(await idLost()).toBe(pods);
    await confirm('--lost', pods ?? '');
    await untilPublished();
    expect(await expectedByPods()).toBe(pods);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { reportSchema } from '../../controller/api/report.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis } from '../redis/redis-program.ts';
import { accounts, campaign, logins, mailbox, pool, recipients, template } from './standalone-manifests.ts';
import { standaloneWorld, transactionsOf, untilAccepted, type StandaloneWorld } from './standalone-world.ts';

const POOL = 'default/pool';
const DENIED = '550 5.7.0 Mail sending denied for this account';

let world: StandaloneWorld;

afterEach(() => world.end());

/** Mailbox anna and ten recipients; the provider stops the account at the first one, once. */
async function stoppedMailbox(): Promise<ReturnType<StandaloneWorld['run']>> {
  world = await standaloneWorld({
    ...accounts('anna'),
    recipients: [
      { match: { address: 'r0@shop.example' }, behaviour: 'Reply', at: 'Rcpt', reply: DENIED, times: 1 },
    ],
  });
  await declareTen();
  const run = world.run({ once: false });
  await untilStatus('PolicyBlocked');
  return run;
}

async function declareTen(changes: { readonly suspend?: boolean } = {}): Promise<void> {
  await world.write('logins.yaml', logins('anna'));
  await world.write('mailbox.yaml', mailbox(world.sandbox, 'anna'));
  await world.write('pool.yaml', pool(['anna']));
  await world.write('template.yaml', template);
  await world.write('campaign.yaml', campaign(recipients(10), changes));
}

/** Runs a command to its end; answers its exit code and what it printed. */
async function outcomeOf(...args: readonly string[]): Promise<{ code: number; text: string }> {
  const command = world.mailers(...args);
  return { code: await command.exited, text: command.output() };
}

async function untilStatus(word: string): Promise<void> {
  const says = async (): Promise<boolean> => (await outcomeOf('status', POOL)).text.includes(word);
  await waitUntil(`the status says ${word}`, says, { timeoutMs: 30_000, intervalMs: 100 });
}

describe('mailers status', () => {
  it('shows the report of a pool without sending, as a table or as JSON', async () => {
    world = await standaloneWorld(accounts('anna'));
    await declareTen();
    expect(await world.run().exited).toBe(0);
    const table = await outcomeOf('status', POOL);
    expect(table.code).toBe(0);
    expect(table.text).toMatch(/^Pool default\/pool\n/);
    expect(table.text).toMatch(/launch +Complete/);
    const { text } = await outcomeOf('status', POOL, '--json');
    expect(reportSchema.parse(JSON.parse(text)).pools).toMatchObject([
      { name: 'pool', campaigns: [{ name: 'launch', delivered: 10 }] },
    ]);
    expect(transactionsOf(world.sandbox)).toHaveLength(10);
  });

  it.each([
    [['default/other'], /no ledger in this Redis under this prefix yet.*REDIS_URL/],
    [['pool'], /Pool pool: must be NAMESPACE\/NAME/],
  ])('says what is wrong with %s', async (pools, words) => {
    world = await standaloneWorld(accounts('anna'));
    const { code, text } = await outcomeOf('status', ...pools);
    expect(code).toBe(1);
    expect(text).toMatch(words);
  });
});

describe('mailers resume', () => {
  it('lets a stopped account send again, once the route is named rightly', async () => {
    const run = await stoppedMailbox();
    const typo = await outcomeOf('resume', 'mailbox/ann', '--pool', POOL, '--reason', 'typo');
    expect(typo.code).toBe(1);
    expect(typo.text).toContain('no route mailbox/ann; its routes: mailbox/anna');
    const resumed = await outcomeOf('resume', 'mailbox/anna', '--pool', POOL, '--reason', 'cleared up');
    expect(resumed.code, resumed.text).toBe(0);
    expect(resumed.text).toContain('mailbox/anna is resumed (cleared up)');
    expect(resumed.text).toContain('Mail sending denied');
    await untilAccepted(world.sandbox, 9);
    run.child.kill('SIGTERM');
    await run.exited;
    const { pools } = await world.report();
    expect(pools[0]?.campaigns).toMatchObject([{ delivered: 9, failed: 1, pending: 0 }]);
    const again = await outcomeOf('resume', 'mailbox/anna', '--pool', POOL, '--reason', 'again');
    expect(again.text).toContain('mailbox/anna is not stopped; nothing was changed');
  });
});

describe('mailers ledger confirm', () => {
  it('has the senders go on after the ledger was wiped', async () => {
    world = await standaloneWorld(accounts('anna'));
    await declareTen({ suspend: true });
    const run = world.run({ once: false });
    await untilStatus('Suspended');
    await askRedis(world.redis.port, 'FLUSHALL');
    const lost = await waitUntil('the loss is told', () => idOfLost(run.output()), { timeoutMs: 30_000 });
    const { code, text } = await outcomeOf('ledger', 'confirm', '--lost', lost);
    expect(code, text).toBe(0);
    expect(text).toContain(`replaces ${lost}`);
    const goesOn = (): boolean => run.output().includes('its loss is confirmed; sending goes on');
    await waitUntil('the sender goes on', goesOn, { timeoutMs: 30_000 });
  });
});

function idOfLost(output: string): string | undefined {
  return /mailers ledger confirm --lost ([0-9a-f-]{36})/.exec(output)?.[1];
}

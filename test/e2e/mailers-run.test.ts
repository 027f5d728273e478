import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis } from '../redis/redis-program.ts';
import { knocks } from './knocks.ts';
import { suppressionListManifest } from '../builders/manifest.ts';
import {
  accounts,
  campaign,
  logins,
  mailbox,
  pool,
  recipients,
  relay,
  template,
} from './standalone-manifests.ts';
import { standaloneWorld, transactionsOf, untilAccepted, type StandaloneWorld } from './standalone-world.ts';

let world: StandaloneWorld;

afterEach(() => world.end());

/** Mailbox anna, a template and a campaign to so many recipients. */
async function oneMailbox(
  count: number,
  changes: { mailbox?: Record<string, unknown>; campaign?: Record<string, unknown> } = {},
) {
  world = await standaloneWorld(accounts('anna'));
  await world.write('logins.yaml', logins('anna'));
  await world.write('mailbox.yaml', mailbox(world.sandbox, 'anna', changes.mailbox));
  await world.write('pool.yaml', pool(['anna']));
  await world.write('template.yaml', template);
  await world.write('campaign.yaml', campaign(recipients(count), changes.campaign));
}

const accepted = () => transactionsOf(world.sandbox).filter((transaction) => transaction.accepted);

describe('mailers run', () => {
  it('sends every recipient once and ends by itself', async () => {
    await oneMailbox(40);
    const run = world.run();
    expect(await run.exited, run.output()).toBe(0);
    expect(accepted()).toHaveLength(40);
    expect(new Set(accepted().flatMap(({ rcpts }) => rcpts)).size).toBe(40);
    const report = await world.report();
    expect(report).toMatchObject({
      complete: true,
      pools: [{ campaigns: [{ state: 'Complete', delivered: 40 }] }],
    });
  });

  it('sends nothing again when it is run again', async () => {
    await oneMailbox(10);
    expect(await world.run().exited).toBe(0);
    expect(await world.run().exited).toBe(0);
    expect(accepted()).toHaveLength(10);
  });

  it('names every mistake with its file and line, and sends nothing', async () => {
    await oneMailbox(5, { mailbox: { quota: { recipientsPerDay: 5000 } } });
    await world.writeText('broken.yaml', 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: [\n');
    const run = world.run();
    expect(await run.exited).toBe(1);
    expect(run.output()).toMatch(
      /mailbox\.yaml:\d+: Mailbox\/anna: spec\.quota\.recipientsPerDay: .*2,000.*support\.google\.com/,
    );
    expect(run.output()).toMatch(/broken\.yaml:\d+: /);
    expect(world.sandbox.wireLog.size).toBe(0);
  });

  it.each(['0', 'abc'])('refuses a quota window of %s seconds', async (seconds) => {
    await oneMailbox(5);
    const run = world.run({ args: ['--window-seconds', seconds] });
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain('whole number of seconds from 1 to 86400');
    expect(world.sandbox.wireLog.size).toBe(0);
  });

  it('ends with the reason when the plan in the ledger is not for it, also while another pool could go on', async () => {
    await oneMailbox(5, { campaign: { schedule: { startTime: '2999-01-01T00:00:00Z' } } });
    await world.write('other.yaml', { ...pool(['ben']), metadata: { name: 'other' } });
    const run = world.run({ once: false });
    await waitUntil('the plans', () => run.output().split('Plan in force').length === 3, {
      timeoutMs: 30_000,
    });
    const { name } = pool([]).metadata;
    const plan = await askRedis(world.redis.port, `KEYS *${name}*:plan`);
    const key = plan.split('\r\n')[2] ?? '';
    await askRedis(world.redis.port, `HSET ${key} schema 99 revision later`);
    expect(await run.exited).toBe(1);
    expect(run.output()).toContain('has schema 99');
  });

  it('ends and says why when the audience of its only campaign cannot be read', async () => {
    await oneMailbox(5, { campaign: { audience: { file: { path: 'nowhere.csv' } } } });
    const run = world.run();
    expect(await run.exited, run.output()).toBe(1);
    expect(run.output()).toContain('Campaign/launch: AudienceInvalid: spec.audience: file nowhere.csv');
    expect(run.output()).toContain(' 0 %');
    expect(run.output()).not.toContain('100 %');
    expect(world.sandbox.wireLog.size).toBe(0);
  });

  it('goes on without a mailbox whose Secret is missing, says so, and takes it in when the Secret appears', async () => {
    world = await standaloneWorld(accounts('anna', 'ben'));
    await world.write('logins.yaml', logins('anna'));
    await world.write(
      'mailboxes.yaml',
      mailbox(world.sandbox, 'anna', { quota: { recipientsPerDay: 10 } }),
      mailbox(world.sandbox, 'ben'),
    );
    await world.write('pool.yaml', pool(['anna', 'ben']));
    await world.write('template.yaml', template);
    await world.write('campaign.yaml', campaign(recipients(30)));
    const run = world.run();
    await untilAccepted(world.sandbox, 10);
    expect(run.output()).toMatch(
      /mailboxes\.yaml:\d+: Mailbox\/ben: spec\.auth\.appPassword\.secretRef.*logins.*ben/,
    );
    await world.write('logins.yaml', logins('anna', 'ben'));
    expect(await run.exited, run.output()).toBe(0);
    expect(accepted().filter(({ account }) => account === 'ben@example.com')).toHaveLength(20);
  });

  it('stops at the cap and goes on by the relay when the pool says so', async () => {
    world = await standaloneWorld(accounts('anna'));
    await world.write('logins.yaml', logins('anna'));
    await world.write(
      'routes.yaml',
      mailbox(world.sandbox, 'anna', { quota: { recipientsPerDay: 15 } }),
      relay(world.sandbox),
    );
    await world.write(
      'pool.yaml',
      pool(['anna'], { esps: [{ name: 'relay' }], routing: { overflow: 'ESP' } }),
    );
    await world.write('template.yaml', template);
    await world.write('campaign.yaml', campaign(recipients(40)));
    const run = world.run();
    expect(await run.exited, run.output()).toBe(0);
    expect(accepted().filter(({ service }) => service === 'Submission')).toHaveLength(15);
    expect(accepted().filter(({ service }) => service === 'Relay')).toHaveLength(25);
  });

  it('holds what does not fit and tells when it will, when the pool says Hold', async () => {
    await oneMailbox(20, { mailbox: { quota: { recipientsPerDay: 12 } } });
    const run = world.run({ once: false });
    await untilAccepted(world.sandbox, 12);
    run.child.kill('SIGTERM');
    expect(await run.exited, run.output()).toBe(0);
    expect(accepted()).toHaveLength(12);
    const [reported] = (await world.report()).pools;
    expect(reported?.campaigns[0]).toMatchObject({ state: 'WaitingForQuota', pending: 8 });
    expect(Date.parse(reported?.mailboxes[0]?.nextSlot ?? '')).toBeGreaterThan(Date.now());
  });

  it('sends nothing while Redis is away, and goes on by itself when it is back', async () => {
    await oneMailbox(60, { mailbox: { quota: { recipientsPerDay: 200 } } });
    const run = world.run();
    await untilAccepted(world.sandbox, 10);
    await world.redis.kill9();
    const stopped = world.sandbox.wireLog.size;
    await knocks(world.redis.port, 3);
    expect(run.output()).toContain('Ledger cannot be used; nothing is sent until it can');
    expect(world.sandbox.wireLog.size - stopped).toBeLessThanOrEqual(2);
    await world.redis.restart();
    expect(await run.exited, run.output()).toBe(0);
    const everyone = accepted().flatMap(({ rcpts }) => rcpts);
    expect(new Set(everyone).size).toBe(everyone.length);
    const [sent] = (await world.report()).pools[0]?.campaigns ?? [];
    expect((sent?.delivered ?? 0) + (sent?.uncertain ?? 0)).toBe(60);
  });

  it('stays silent towards an address that is suppressed while it sends', async () => {
    await oneMailbox(300);
    await world.write('pool.yaml', pool(['anna'], { suppressionLists: ['blocked'] }));
    await world.write('list.yaml', suppressionListManifest());
    const run = world.run();
    await untilAccepted(world.sandbox, 5);
    const suppress = world.mailers('suppress', 'add', 'R299@shop.example');
    expect(await suppress.exited, suppress.output()).toBe(0);
    const acknowledgedMs = Date.now();
    world.facts.suppressions = [{ address: 'r299@shop.example', acknowledgedMs }];
    await world.write('list.yaml', suppressionListManifest({ addresses: ['r298@shop.example'] }));
    expect(await run.exited, run.output()).toBe(0);
    const late = accepted().filter(
      ({ timeMs, rcpts }) => timeMs > acknowledgedMs && rcpts.includes('r299@shop.example'),
    );
    expect(late).toEqual([]);
    const [sent] = (await world.report()).pools[0]?.campaigns ?? [];
    expect(sent?.suppressed).toBeGreaterThanOrEqual(1);
  });

  it('suppresses nobody when one of the addresses is none', async () => {
    await oneMailbox(1);
    const suppress = world.mailers('suppress', 'add', 'r0@shop.example', 'no address');
    expect(await suppress.exited).toBe(1);
    expect(suppress.output()).toMatch(/^no address has .*; nothing is suppressed/);
    const run = world.run();
    expect(await run.exited).toBe(0);
    expect(accepted()).toHaveLength(1);
  });

  it('stops within a second when the campaign is suspended, and goes on where it was', async () => {
    await oneMailbox(400, { mailbox: { quota: { recipientsPerDay: 1000 } } });
    const run = world.run();
    await untilAccepted(world.sandbox, 20);
    // What another campaign sends meanwhile shows that the suspended one could.
    const others = recipients(50).map((row) => `other-${row}`);
    const other = { ...campaign(others), metadata: { name: 'other' } };
    await world.write('campaign.yaml', campaign(recipients(400), { suspend: true }), other);
    const editedMs = Date.now();
    const isOther = ({ rcpts }: { rcpts: readonly string[] }) => rcpts[0]?.startsWith('other-') === true;
    await waitUntil('the other is sent', () => accepted().filter(isOther).length === 50, {
      timeoutMs: 30_000,
    });
    const late = transactionsOf(world.sandbox).filter(({ timeMs }) => timeMs > editedMs + 1000);
    expect(late.filter((transaction) => !isOther(transaction))).toEqual([]);
    const firstOther = transactionsOf(world.sandbox).findIndex(isOther);
    expect(
      transactionsOf(world.sandbox)
        .slice(firstOther)
        .filter((each) => !isOther(each)),
    ).toEqual([]);
    expect(accepted().length).toBeLessThan(450);
    world.facts.pauses = [
      { scope: { kind: 'Campaign', campaign: 'launch' }, fromMs: editedMs, toMs: Date.now() },
    ];
    await world.write('campaign.yaml', campaign(recipients(400)), other);
    expect(await run.exited, run.output()).toBe(0);
    expect(accepted()).toHaveLength(450);
  });

  it('finishes what is on the wire at SIGTERM and goes on later without losing or repeating', async () => {
    await oneMailbox(200, { mailbox: { quota: { recipientsPerDay: 500 } } });
    const first = world.run({ once: false });
    await untilAccepted(world.sandbox, 20);
    first.child.kill('SIGTERM');
    expect(await first.exited, first.output()).toBe(0);
    expect(await world.report()).toMatchObject({ pools: [{ campaigns: [{ uncertain: 0, inFlight: 0 }] }] });
    const second = world.run();
    expect(await second.exited, second.output()).toBe(0);
    expect(accepted()).toHaveLength(200);
  });

  it('takes in a new mailbox and a raised cap within a second', async () => {
    world = await standaloneWorld(accounts('anna', 'ben'));
    await world.write('logins.yaml', logins('anna', 'ben'));
    await world.write('anna.yaml', mailbox(world.sandbox, 'anna', { quota: { recipientsPerDay: 10 } }));
    await world.write('pool.yaml', pool(['anna', 'ben']));
    await world.write('template.yaml', template);
    await world.write('campaign.yaml', campaign(recipients(40)));
    const run = world.run();
    await untilAccepted(world.sandbox, 10);
    await world.write('ben.yaml', mailbox(world.sandbox, 'ben', { quota: { recipientsPerDay: 10 } }));
    await waitUntil('ben sends', () => accepted().length >= 20, { timeoutMs: 3000, intervalMs: 20 });
    await world.write('anna.yaml', mailbox(world.sandbox, 'anna', { quota: { recipientsPerDay: 50 } }));
    expect(await run.exited, run.output()).toBe(0);
    expect(accepted()).toHaveLength(40);
  });

  it('follows its audience: mails who was added, cancels who was removed, and nobody twice', async () => {
    await oneMailbox(0, {
      mailbox: { quota: { recipientsPerDay: 15 } },
      campaign: { audience: { file: { path: 'readers.csv' } } },
    });
    await world.writeText('readers.csv', ['email,name', ...recipients(30)].join('\n'));
    const run = world.run({ once: false });
    await untilAccepted(world.sandbox, 15);
    const sent = new Set(accepted().flatMap(({ rcpts }) => rcpts));
    const rows = recipients(30).filter((row) => sent.has(row.split(',')[0] ?? ''));
    await world.writeText('readers.csv', ['email,name', ...rows, 'late@shop.example,Late'].join('\n'));
    // The removal is in force when its import is told; only then is there room for those who were removed.
    const imports = () => run.output().split('Audience imported').length - 1;
    await waitUntil('the changed audience is imported', () => imports() === 2, {
      timeoutMs: 5000,
      intervalMs: 20,
    });
    await world.write('mailbox.yaml', mailbox(world.sandbox, 'anna', { quota: { recipientsPerDay: 100 } }));
    await untilAccepted(world.sandbox, 16);
    run.child.kill('SIGTERM');
    expect(await run.exited, run.output()).toBe(0);
    expect((await world.report()).pools[0]?.campaigns[0]).toMatchObject({
      delivered: 16,
      cancelled: 15,
      state: 'Complete',
    });
  });
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis } from '../redis/redis-program.ts';
import { accounts, campaign, logins, mailbox, pool, recipients, template } from './standalone-manifests.ts';
import { standaloneWorld, transactionsOf, untilAccepted, type StandaloneWorld } from './standalone-world.ts';

const COUNT = 400;
/** So long nothing is sent, then nothing is sent: senders start within a second. */
const SILENCE_MS = 3_000;

let world: StandaloneWorld;

beforeEach(async () => {
  world = await standaloneWorld(accounts('anna'));
  await world.write('logins.yaml', logins('anna'));
  await world.write('mailbox.yaml', mailbox(world.sandbox, 'anna'));
  await world.write('pool.yaml', pool(['anna']));
  await world.write('template.yaml', template);
  await world.write('campaign.yaml', campaign(recipients(COUNT)));
});
afterEach(() => world.end({ hasLostRecords: true }));

const mailed = (): string[] => transactionsOf(world.sandbox).flatMap(({ rcpts }) => rcpts);
const flush = () => askRedis(world.redis.port, 'FLUSHALL');

async function outcomeOf(...args: readonly string[]): Promise<{ code: number; text: string }> {
  const command = world.mailers(...args);
  return { code: await command.exited, text: command.output() };
}

/** FLUSHALL in mid-campaign, and the process is killed; answers how much was on the wire by then. */
async function loseInMidCampaign(): Promise<number> {
  const run = world.run({ once: false });
  await untilAccepted(world.sandbox, 20);
  await flush();
  run.child.kill('SIGKILL');
  await run.exited;
  return mailed().length;
}

describe('mailers run, started again after Redis was emptied in mid-campaign', () => {
  it('sends nothing, says what happened and what to do, and goes on when that is confirmed', async () => {
    const before = await loseInMidCampaign();
    for (const attempt of [1, 2]) {
      const run = world.run();
      expect(await run.exited, `attempt ${attempt}: ${run.output()}`).toBe(1);
      expect(run.output()).toMatch(
        /the ledger was wiped.*Nothing is sent.*mailers ledger confirm --lost [0-9a-f-]{36}/,
      );
    }
    expect(mailed()).toHaveLength(before);
    for (const [command, ...args] of [
      ['suppress', 'add', 'r1@shop.example'],
      ['status', 'default/pool'],
      ['resume', 'mailbox/anna', '--pool', 'default/pool', '--reason', 'x'],
    ] as const) {
      const { code, text } = await outcomeOf(command, ...args);
      expect([code, text]).toEqual([1, expect.stringContaining('mailers ledger confirm --lost')]);
    }
    const confirmed = await outcomeOf('ledger', 'confirm');
    expect(confirmed.code, confirmed.text).toBe(0);
    expect(confirmed.text).toMatch(/campaigns that are still declared are sent again.*quotas.*opt-outs/s);
    await world.write('campaign.yaml', campaign(recipients(5)));
    const run = world.run();
    expect(await run.exited, run.output()).toBe(0);
    expect(mailed()).toHaveLength(before + 5);
    const again = await outcomeOf('ledger', 'confirm');
    expect(again).toMatchObject({
      code: 1,
      text: expect.stringContaining('is not lost: nothing was changed'),
    });
  });

  it('keeps silent for as long as it was running before, and goes on by itself when that is confirmed', async () => {
    const run = world.run();
    await untilAccepted(world.sandbox, 20);
    await flush();
    await waitUntil('the loss is told', () => run.output().includes('Ledger is lost'), {
      timeoutMs: 10_000,
    });
    const before = mailed().length;
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    expect(mailed()).toHaveLength(before);
    await world.write('campaign.yaml', campaign(recipients(7)));
    expect((await outcomeOf('ledger', 'confirm')).code).toBe(0);
    expect(await run.exited, run.output()).toBe(0);
    expect(run.output()).not.toContain('Delivery broke');
    expect(mailed()).toHaveLength(before + 7);
    expect(await world.report()).toMatchObject({
      complete: true,
      pools: [{ campaigns: [{ delivered: 7 }] }],
    });
  });

  it('begins anew where the machine remembers no ledger, and says when it cannot remember one', async () => {
    await world.write('campaign.yaml', campaign(recipients(3)));
    // A file where a directory should be: that cannot be written by root either.
    await world.writeText('in-the-way', '');
    const run = world.run({ args: ['--state-dir', join(world.directory, 'in-the-way')] });
    expect(await run.exited, run.output()).toBe(0);
    expect(run.output()).toMatch(
      /cannot be kept in .*in-the-way.*mail everybody again; set MAILERS_STATE_DIR/,
    );
    await flush();
    const again = world.run();
    expect(await again.exited, again.output()).toBe(0);
    expect(mailed()).toHaveLength(6);
    expect(await readdir(world.stateDirectory)).toEqual(['ledgers']);
  });
});

describe('mailers ledger confirm', () => {
  it('asks for a name when this machine knows of no ledger', async () => {
    const { code, text } = await outcomeOf('ledger', 'confirm');
    expect(code).toBe(1);
    expect(text).toContain('this machine remembers no ledger there');
  });
});

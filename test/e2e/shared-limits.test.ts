import { afterEach, describe, expect, it } from 'vitest';
import { waitUntil } from '../cluster/process/wait-until.ts';
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

/** Two mailboxes and a relay for what they cannot take; eight readers at Gmail among eighteen. */
async function withLimits(limits: Readonly<Record<string, unknown>>): Promise<void> {
  world = await standaloneWorld(accounts('anna', 'ben'));
  const { sandbox } = world;
  const atGmail = Array.from({ length: 8 }, (_, index) => `g${index}@gmail.com,Reader ${index}`);
  await world.write('logins.yaml', logins('anna', 'ben'));
  await world.write('mailboxes.yaml', mailbox(sandbox, 'anna'), mailbox(sandbox, 'ben'));
  const overflow = { esps: [{ name: 'relay' }], routing: { overflow: 'ESP' } };
  await world.write('pool.yaml', pool(['anna', 'ben'], { ...overflow, ...limits }), relay(sandbox));
  await world.write('template.yaml', template);
  await world.write('campaign.yaml', campaign([...atGmail, ...recipients(10)]));
}

/** What `mailers status` prints once it says so. */
async function statusSaying(words: RegExp): Promise<string> {
  return await waitUntil(
    `mailers status says ${String(words)}`,
    async () => {
      const status = world.mailers('status', 'default/pool');
      expect(await status.exited, status.output()).toBe(0);
      return words.test(status.output()) ? status.output() : undefined;
    },
    { timeoutMs: 30_000 },
  );
}

const atGmail = () =>
  transactionsOf(world.sandbox).filter(({ rcpts }) => rcpts.some((rcpt) => rcpt.endsWith('@gmail.com')));

describe('a limit that routes share', () => {
  it('keeps what is for its domain until it has room, says so, and lets the others go on', async () => {
    await withLimits({ recipientDomainLimits: [{ domain: 'gmail.com', recipientsPerDay: 3 }] });
    const run = world.run({ once: false });
    await untilAccepted(world.sandbox, 13);
    const status = await statusSaying(
      /gmail\.com +3 +3 +– +RecipientDomainQuotaExhausted +in 2[34] h \d+ min +5 /,
    );
    expect(status).toMatch(/launch +WaitingForQuota/);
    run.child.kill('SIGTERM');
    expect(await run.exited, run.output()).toBe(0);
    expect(atGmail()).toHaveLength(3);
    const [reported] = (await world.report()).pools;
    expect(reported?.campaigns).toMatchObject([{ state: 'WaitingForQuota', delivered: 13, pending: 5 }]);
    expect(reported?.campaigns[0]?.message).toContain('3 recipients per day (spec.recipientDomainLimits)');
    expect(reported?.campaigns[0]?.nextAttempt).toBe(reported?.limits[0]?.nextSlot);
  });

  it('holds the pool, its provider for overflow included', async () => {
    await withLimits({ limits: { recipientsPerDay: 6 } });
    const run = world.run({ once: false });
    await untilAccepted(world.sandbox, 6);
    await statusSaying(/pool +6 +6 +– +PoolQuotaExhausted +in 2[34] h/);
    run.child.kill('SIGTERM');
    expect(await run.exited, run.output()).toBe(0);
    expect(transactionsOf(world.sandbox)).toHaveLength(6);
  });
});

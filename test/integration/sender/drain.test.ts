import { afterEach, describe, expect, it } from 'vitest';
import { aPlan } from '../../builders/plan.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { senderWorld, type SenderWorld } from './sender-world.ts';

let world: SenderWorld;

afterEach(() => world.end());

/** A message is on the wire: accepted, and the reply takes its time. */
async function messageOnTheWire(delayMs: number, drainLimitMs: number) {
  world = await senderWorld({
    recipients: [{ match: { address: 'r0@example.net' }, behaviour: 'Slow', at: 'Data', delayMs }],
  });
  const plan = aPlan({ mailboxes: [world.mailbox()], esps: [] });
  const started = await world.start(plan, 1, { drainLimitMs });
  const isOnWire = async (): Promise<boolean> => (await world.counts()).inFlight === 1;
  await waitUntil('a message in flight', isOnWire, { timeoutMs: 20_000, intervalMs: 10 });
  return started;
}

async function timeOf(work: Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('a drain', () => {
  it('finishes what is on the wire and writes it down', async () => {
    const { sender, ended } = await messageOnTheWire(700, 20_000);
    sender.stop();
    await ended;
    expect(await world.counts()).toMatchObject({ delivered: 1, inFlight: 0, uncertain: 0 });
    await world.expectInvariants();
  });

  it('ends at its limit while the ledger is away, and says what is not written', async () => {
    const { sender, ended } = await messageOnTheWire(300, 1_500);
    world.redis.pause();
    sender.stop();
    expect(await timeOf(ended)).toBeLessThan(1_500 + 5_500);
    world.redis.resume();
    expect(world.log.filter(({ msg }) => msg.startsWith('Drain has reached its limit'))).toMatchObject([
      { level: 50, messages: ['spring/0/0'] },
    ]);
  });

  it('ends at its limit while a provider does not answer', async () => {
    const { sender, ended } = await messageOnTheWire(30_000, 500);
    sender.stop();
    expect(await timeOf(ended)).toBeLessThan(500 + 5_500);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WEEKDAYS } from '../../../controller/api/sending-window.ts';
import { windowClosesMs } from '../../../controller/domain/window.ts';
import { aPlan } from '../../builders/plan.ts';
import { aDayLimit } from '../../builders/quota.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { senderWorld, type SenderWorld } from './sender-world.ts';

const MESSAGES = 5;
/** The even pace that the cap below comes to, ms. */
const PACE_MS = 400;
const WHOLE_DAYS = { timeZone: 'UTC', days: [...WEEKDAYS], startTime: '00:00', endTime: '24:00' };

let world: SenderWorld;
beforeEach(async () => {
  world = await senderWorld();
});
afterEach(() => world.end());

/** Sends all messages within a window in which the cap would come to one message per PACE_MS. */
async function sendWithin(spread: 'Even' | 'None'): Promise<number[]> {
  const sendingWindow = { ...WHOLE_DAYS, spread };
  const nowMs = await world.ledger.now();
  // Midnight may be near: the day after has as many messages per hour then.
  const leftMs = (windowClosesMs(sendingWindow, nowMs) ?? nowMs) - nowMs;
  const recipients = Math.max(1_000, Math.round(leftMs / PACE_MS));
  const mailbox = world.mailbox({ provider: 'SMTP', sendingWindow, limits: [aDayLimit({ recipients })] });
  await world.start(aPlan({ mailboxes: [mailbox], esps: [] }), MESSAGES);
  const isDone = async () => (await world.counts()).delivered === MESSAGES;
  await waitUntil('all are delivered', isDone, { timeoutMs: 20_000, intervalMs: 20 });
  await world.expectInvariants();
  return world.sandbox.wireLog.transactions().map(({ timeMs }) => timeMs);
}

describe('a mailbox with a sending window', () => {
  it('sends at the pace with which its cap lasts until the close', async () => {
    const times = await sendWithin('Even');
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps).toHaveLength(MESSAGES - 1);
    // The wire may be reached a little late by one message and in time by the next.
    expect(Math.min(...gaps)).toBeGreaterThan(PACE_MS / 2);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan((MESSAGES - 1.5) * PACE_MS);
  });

  it('sends as fast as it may when the allowance is not to be spread', async () => {
    const times = await sendWithin('None');
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan((MESSAGES - 1.5) * PACE_MS);
  });
});

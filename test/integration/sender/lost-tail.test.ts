import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import { addressOf, mailbox } from '../../fleet/fleet-manifests.ts';
import { writtenUntilNow } from '../../redis/redis-rollback.ts';
import { aFleet, expectKept, mailOf, untilDone } from './a-fleet.ts';

const ALL = 900;
/** Of each of four mailboxes: they are used up, and the rest overflows to the ESP. */
const CAP = 150;
/** Every recipient takes its time, so that at any moment something is on the wire. */
const SLOW = {
  recipients: [{ match: { percent: 15 }, behaviour: 'Slow' as const, at: 'Dot' as const, delayMs: 600 }],
};

/** Redis goes back by some hundred milliseconds of sending. */
async function goBack(fleet: Fleet, byMs: number): Promise<void> {
  const before = mailOf(fleet).length;
  const isSending = () => mailOf(fleet).length > before;
  await waitUntil('it sends', isSending, { timeoutMs: 20_000, intervalMs: 10 });
  const written = await writtenUntilNow(fleet.redis);
  await sleep(byMs);
  await written.comeBack();
}

describe('a Redis that loses its last writes while two senders send', () => {
  it('makes nobody send twice, exceed a cap or lose a message', { timeout: 120_000 }, async () => {
    const mailboxes = ['anna', 'ben', 'cleo', 'dora'];
    const fleet = await aFleet({ mailboxes, esps: ['relay'], recipients: ALL, sandbox: SLOW });
    const cap = { quota: { recipientsPerDay: CAP } };
    await fleet.write('mailboxes.yaml', ...mailboxes.map((name) => mailbox(fleet.sandbox, name, cap)));
    await fleet.publish();
    const senders = [fleet.startSender(), fleet.startSender()];
    for (const byMs of [250, 400, 800]) await goBack(fleet, byMs);
    const done = await untilDone(fleet, 60_000);
    await expectKept(fleet);
    expect(done).toMatchObject({ uncertain: 0, failed: 0 });
    const output = senders.map((sender) => sender.output()).join('\n');
    expect(output).toMatch(/"claims":[1-9]/);
    expect(output).toMatch(/"reservations":[1-9]/);
    expect(output).not.toMatch(/"elsewhere":[1-9]|Declared dead/);
    const sentBy = (name: string) =>
      mailOf(fleet).filter(({ account }) => account === addressOf(name)).length;
    // A reservation whose answer was lost with the connection counts and sends nothing.
    for (const sent of mailboxes.map(sentBy)) expect(sent).toBeGreaterThan(CAP - 10);
  });
});

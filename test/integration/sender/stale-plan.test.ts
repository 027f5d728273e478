import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { addressOf, mailbox } from '../../fleet/fleet-manifests.ts';
import { aFleet, expectKept, mailOf } from './a-fleet.ts';

const QUICKLY = { timeoutMs: 20_000, intervalMs: 5 };

describe('a sender that stood still while its plan was edited', () => {
  it('keeps the new cap from its first message on', async () => {
    const fleet = await aFleet({ recipients: 1_000 });
    const sender = fleet.startSender();
    await waitUntil('it sends', () => mailOf(fleet).length >= 30, QUICKLY);
    sender.pause();
    await fleet.write('mailboxes.yaml', mailbox(fleet.sandbox, 'anna', { quota: { recipientsPerDay: 20 } }));
    await fleet.publish();
    const fromMs = Date.now();
    // Longer than the slack that the checker gives to an edit, shorter than the lease.
    await waitUntil('the edit is old', () => Date.now() > fromMs + 3_000, QUICKLY);
    const resumedMs = Date.now();
    sender.resume();
    const stateOfAnna = async () => (await fleet.report()).pools[0]?.mailboxes[0]?.state;
    await waitUntil(
      'anna has used up her cap',
      async () => (await stateOfAnna()) === 'QuotaExhausted',
      QUICKLY,
    );
    await waitUntil(
      'nothing is with a sender',
      async () => {
        const [campaign] = (await fleet.report()).pools[0]?.campaigns ?? [];
        return campaign?.inFlight === 0;
      },
      QUICKLY,
    );
    await expectKept(fleet, { caps: [{ account: addressOf('anna'), recipients: 1_500 }] });
    // A process that is stopped between its last look at the gate and the first byte goes on with that byte: one message at most, at once.
    const late = mailOf(fleet).filter(({ timeMs }) => timeMs > fromMs + 1_000);
    expect(late.length).toBeLessThanOrEqual(1);
    expect(late.filter(({ timeMs }) => timeMs > resumedMs + 1_000)).toEqual([]);
  });
});

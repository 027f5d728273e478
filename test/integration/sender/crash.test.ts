import { describe, expect, it } from 'vitest';
import { SENDER_LEASE_MS } from '../../../controller/sender/lane-table.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { addressOf } from '../../fleet/fleet-manifests.ts';
import {
  aFleet,
  campaignOf,
  expectKept,
  mailOf,
  seenBy,
  untilCampaign,
  untilDone,
  untilOnlyInFlight,
} from './a-fleet.ts';

const ALL = 12;
const R0 = 'r0@shop.example';

/** r0 is accepted, but its 250 comes late. */
function slowEnd(delayMs: number) {
  return {
    recipients: [{ match: { address: R0 }, behaviour: 'Slow' as const, at: 'Dot' as const, delayMs }],
  };
}

describe('a sender that is killed', () => {
  it('leaves what it had on the wire Uncertain, and nobody sends it again', async () => {
    const fleet = await aFleet({ recipients: ALL, sandbox: slowEnd(20_000) });
    const first = fleet.startSender();
    await untilOnlyInFlight(fleet, 1);
    await first.kill9();
    const second = fleet.startSender();
    const done = await untilDone(fleet);
    expect(done).toMatchObject({ delivered: ALL - 1, uncertain: 1 });
    const says = () => second.output().includes('died with this message on the wire');
    await waitUntil('the other one says so', says, { timeoutMs: 5_000 });
    expect(seenBy(fleet, R0)).toHaveLength(1);
    const { attempts } = await fleet.evidence();
    expect(attempts.filter(({ recipient }) => recipient === R0)).toMatchObject([
      { outcome: 'Uncertain', clientError: 'SenderLost', account: addressOf('anna'), attempt: 1 },
    ]);
    await expectKept(fleet);
  });

  it('gives back what it had not begun: another one sends it within 15 s, once', async () => {
    const fleet = await aFleet({ recipients: 2 });
    const account = addressOf('anna');
    await fleet.control({ action: 'SetFault', fault: { kind: 'Hang' } });
    const first = fleet.startSender();
    await untilCampaign(fleet, 'it has claimed both', ({ inFlight }) => inFlight === 2);
    await first.kill9();
    const killedMs = Date.now();
    await fleet.control({ action: 'ClearFaults' });
    fleet.startSender();
    expect(await untilDone(fleet)).toMatchObject({ delivered: 2, uncertain: 0 });
    expect(Date.now() - killedMs).toBeLessThan(15_000);
    expect(mailOf(fleet).map((mail) => [mail.account, mail.accepted])).toEqual([
      [account, true],
      [account, true],
    ]);
    await expectKept(fleet);
  });
});

describe('a sender that stalls for longer than its lease', () => {
  it('is fenced: what it had not begun is sent by another one, and it goes on under a new id', async () => {
    const fleet = await aFleet({ recipients: 2 });
    await fleet.control({ action: 'SetFault', fault: { kind: 'Hang' } });
    const first = fleet.startSender();
    await untilCampaign(fleet, 'it has claimed both', ({ inFlight }) => inFlight === 2);
    first.pause();
    await fleet.control({ action: 'ClearFaults' });
    fleet.startSender();
    await untilDone(fleet);
    first.resume();
    await waitUntil('it begins anew', () => first.output().includes('beginning anew'), { timeoutMs: 10_000 });
    expect(await campaignOf(fleet)).toMatchObject({ delivered: 2, uncertain: 0 });
    expect(mailOf(fleet)).toHaveLength(2);
    first.terminate();
    expect(await first.exited, first.output()).toBe(0);
    await expectKept(fleet);
  });

  it('proves by its late answer that an Uncertain message was delivered', async () => {
    const fleet = await aFleet({ recipients: ALL, sandbox: slowEnd(2_000) });
    const first = fleet.startSender();
    await untilOnlyInFlight(fleet, 1);
    first.pause();
    fleet.startSender();
    await untilCampaign(fleet, 'the message is Uncertain', ({ uncertain }) => uncertain === 1);
    first.resume();
    await untilCampaign(fleet, 'the message is Delivered', ({ delivered }) => delivered === ALL);
    expect(await campaignOf(fleet)).toMatchObject({ uncertain: 0 });
    expect(seenBy(fleet, R0)).toHaveLength(1);
    const { attempts } = await fleet.evidence();
    expect(attempts.filter(({ recipient }) => recipient === R0)).toMatchObject([{ outcome: 'Delivered' }]);
    await expectKept(fleet);
  });
});

describe('a sender that is told to end', () => {
  it('finishes a message that takes longer than its lease, and nobody declares it dead', async () => {
    const fleet = await aFleet({ recipients: ALL, sandbox: slowEnd(14_000) });
    const first = fleet.startSender();
    await untilOnlyInFlight(fleet, 1);
    const second = fleet.startSender();
    await waitUntil('the other one runs', () => second.output().includes('Plan in force'), {
      timeoutMs: 20_000,
    });
    first.terminate();
    expect(await first.exited, first.output()).toBe(0);
    expect(await campaignOf(fleet)).toMatchObject({ delivered: ALL, uncertain: 0, inFlight: 0 });
    expect(second.output()).not.toMatch(/died with this message/);
    await expectKept(fleet);
  });
});

describe('an outage of the ledger that is longer than the lease', () => {
  it('kills nobody: both senders go on under their ids, and what was on the wire has its end', async () => {
    const fleet = await aFleet({ mailboxes: ['anna', 'ben'], recipients: 300, sandbox: slowEnd(5_000) });
    const senders = [fleet.startSender(), fleet.startSender()];
    const { timeoutMs, intervalMs } = { timeoutMs: 20_000, intervalMs: 10 };
    await waitUntil('both send', () => mailOf(fleet).length >= 20, { timeoutMs, intervalMs });
    fleet.redis.pause();
    const pausedMs = Date.now();
    const isLonger = () => Date.now() > pausedMs + SENDER_LEASE_MS + 2_000;
    await waitUntil('the leases are over', isLonger, { timeoutMs: 20_000 });
    fleet.redis.resume();
    expect(await untilDone(fleet)).toMatchObject({ delivered: 300, uncertain: 0 });
    for (const sender of senders) expect(sender.output()).not.toMatch(/Declared dead|died with/);
    await expectKept(fleet);
  });
});

import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { addressOf, campaign, PASSWORD, recipients } from '../../fleet/fleet-manifests.ts';
import { aFleet, campaignOf, expectKept, mailOf, seenBy, untilCampaign, untilDone } from './a-fleet.ts';

const R0 = 'r0@shop.example';

describe('a refusal', () => {
  it('for what is sent ends the message on its route: no other one is tried', async () => {
    const reply = '550 5.7.1 Our system has detected that this message is likely unsolicited mail.';
    const sandbox = {
      recipients: [{ match: { address: R0 }, behaviour: 'Reply' as const, at: 'Dot' as const, reply }],
    };
    const fleet = await aFleet({ mailboxes: ['anna', 'ben'], esps: ['relay'], recipients: 10, sandbox });
    fleet.startSender();
    expect(await untilDone(fleet)).toMatchObject({ delivered: 9, failed: 1 });
    expect(seenBy(fleet, R0)).toHaveLength(1);
    await expectKept(fleet);
  });

  it('for now, because of reputation, is waited for on the same route', async () => {
    const reply = '421 4.7.28 Our system has detected an unusual rate of unsolicited mail.';
    const sandbox = {
      recipients: [
        { match: { address: R0 }, behaviour: 'Reply' as const, at: 'Dot' as const, reply, times: 1 },
      ],
    };
    const fleet = await aFleet({ mailboxes: ['anna', 'ben'], esps: ['relay'], recipients: 10, sandbox });
    fleet.startSender();
    const isWaiting = (delivered: number, deferred: number) => delivered + deferred === 10 && deferred >= 1;
    await untilCampaign(fleet, 'r0 waits', ({ delivered, deferred }) => isWaiting(delivered, deferred));
    expect(Date.parse((await campaignOf(fleet)).nextAttempt)).toBeGreaterThan(Date.now() + 3_600_000);
    expect(seenBy(fleet, R0)).toHaveLength(1);
    await expectKept(fleet);
  });

  it("for the provider's own limit sends the message by an ESP, never by another mailbox", async () => {
    const annas = { address: addressOf('anna'), appPassword: PASSWORD };
    const limits = { recipients: { max: 5, windowSeconds: 3_600 } };
    const sandbox = {
      accounts: [
        { ...annas, limits },
        { ...annas, address: addressOf('ben') },
      ],
    };
    const fleet = await aFleet({ mailboxes: ['anna', 'ben'], esps: ['relay'], recipients: 60, sandbox });
    fleet.startSender();
    expect(await untilDone(fleet)).toMatchObject({ delivered: 60 });
    const refused = mailOf(fleet).filter(({ reply }) => reply.startsWith('550 5.4.5'));
    expect(refused.length).toBeGreaterThan(0);
    for (const { rcpts } of refused) {
      const ends = seenBy(fleet, rcpts[0] ?? '').filter(({ accepted }) => accepted);
      expect(ends.map(({ service }) => service)).toEqual(['Relay']);
    }
    expect((await fleet.report()).pools[0]?.mailboxes.find(({ name }) => name === 'anna')).toMatchObject({
      state: 'QuotaExceededAtProvider',
    });
    await expectKept(fleet);
  });

  it('of the recipient for good suppresses the address for the next campaign', async () => {
    const sandbox = { recipients: [{ match: { address: R0 }, behaviour: 'Unknown' as const }] };
    const fleet = await aFleet({ recipients: 10, sandbox });
    fleet.startSender();
    expect(await untilDone(fleet)).toMatchObject({ delivered: 9, failed: 1 });
    const refusedMs = Date.now();
    await fleet.write('second.yaml', campaign(recipients(10), {}, 'second'));
    await fleet.publish();
    expect(await untilDone(fleet, 30_000, 'second')).toMatchObject({ delivered: 9, suppressed: 1 });
    expect(seenBy(fleet, R0)).toHaveLength(1);
    await expectKept(fleet, { suppressions: [{ address: R0, acknowledgedMs: refusedMs }] });
  });
});

describe('a refused login', () => {
  it('is not tried again until the Secret changes, and then at once', async () => {
    const fleet = await aFleet({ recipients: 10 });
    await fleet.writeLogins({ anna: 'wrong' });
    const sender = fleet.startSender();
    const stateOfAnna = async () => (await fleet.report()).pools[0]?.mailboxes[0]?.state;
    await waitUntil('the lane says why', async () => (await stateOfAnna()) === 'CredentialsInvalid', {
      timeoutMs: 20_000,
    });
    expect(mailOf(fleet)).toEqual([]);
    await fleet.writeLogins({ anna: PASSWORD });
    const changedMs = Date.now();
    expect(await untilDone(fleet), sender.output()).toMatchObject({ delivered: 10 });
    expect(Date.now() - changedMs).toBeLessThan(5_000);
    const logins = fleet.sandbox.wireLog.transactions().filter(({ kind }) => kind === 'Login');
    expect(logins.length).toBeLessThanOrEqual(4);
    await expectKept(fleet);
  });
});

import { describe, expect, it } from 'vitest';
import type { SandboxConfigInput } from '../../../../controller/api/sandbox-config.ts';
import { suppressionKeys } from '../../../../controller/domain/address/suppression-keys.ts';
import { EARNED_LIST } from '../../../../controller/domain/ports/suppression-ledger.ts';
import type { Fleet } from '../../../fleet/fleet.ts';
import { esp, pool, template } from '../../../fleet/fleet-manifests.ts';
import { aFleet, campaignOf, expectKept, seenBy, untilCampaign, untilOnlyInFlight } from '../a-fleet.ts';

type Rules = NonNullable<SandboxConfigInput['recipients']>;

const TAKEN = 'r0@shop.example';
const LOST = 'r1@shop.example';
const PLAIN = 'r2@shop.example';
const OPTED_OUT = 'r3@shop.example';

/** Everything goes by an ESP that sends once per idempotency key. */
async function resendFleet(rule: Rules): Promise<Fleet> {
  const fleet = await aFleet({ esps: ['resend'], recipients: 4, sandbox: { recipients: rule } });
  const routes = pool(['anna'], ['resend'], { routing: { prefer: 'ESPs' } });
  await fleet.write('pool.yaml', routes, template, esp(fleet.sandbox, 'resend'));
  await fleet.publish();
  return fleet;
}

const cut = (address: string, accepted: boolean) =>
  ({ match: { address }, behaviour: 'DisconnectAfterDot', accepted, times: 1 }) as const;

const outcomesOf = async (fleet: Fleet, address: string): Promise<string[]> =>
  (await fleet.attempts()).filter(({ recipient }) => recipient === address).map(({ outcome }) => outcome);

describe('a message whose end at an ESP with idempotency keys is unknown', () => {
  it('is handed over again with its key, and arrives once, whether it was taken or lost; not to who opted out', async () => {
    const fleet = await resendFleet([cut(TAKEN, true), cut(LOST, false), cut(OPTED_OUT, true)]);
    fleet.startSender();
    await untilCampaign(fleet, 'three are Uncertain', ({ uncertain }) => uncertain === 3);
    const keys = suppressionKeys(OPTED_OUT);
    const optOut = { list: EARNED_LIST, keys, reason: 'Unsubscribed', address: OPTED_OUT } as const;
    await fleet.ledger.suppression.add('default', optOut);
    await untilCampaign(
      fleet,
      'all others are Delivered',
      ({ delivered, uncertain }) => delivered === 3 && uncertain === 1,
    );
    expect(await campaignOf(fleet)).toMatchObject({ deferred: 0, failed: 0, suppressed: 0 });
    expect(seenBy(fleet, TAKEN)).toMatchObject([{ accepted: true }, { accepted: false, repeated: true }]);
    expect(seenBy(fleet, LOST)).toMatchObject([{ accepted: false }, { accepted: true }]);
    expect(seenBy(fleet, PLAIN)).toMatchObject([{ accepted: true }]);
    expect(seenBy(fleet, OPTED_OUT)).toMatchObject([{ accepted: true }]);
    expect(await outcomesOf(fleet, TAKEN)).toEqual(['Uncertain', 'Delivered']);
    await expectKept(fleet);
  });

  it('is handed over again by another sender when its own was killed', async () => {
    const slow = {
      match: { address: TAKEN },
      behaviour: 'Slow',
      at: 'Dot',
      delayMs: 20_000,
      times: 1,
    } as const;
    const fleet = await resendFleet([slow]);
    const first = fleet.startSender();
    await untilOnlyInFlight(fleet, 1);
    await first.kill9();
    fleet.startSender();
    await untilCampaign(fleet, 'all are Delivered', ({ delivered }) => delivered === 4, {
      timeoutMs: 60_000,
    });
    expect(seenBy(fleet, TAKEN).filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await outcomesOf(fleet, TAKEN)).toEqual(['Uncertain', 'Delivered']);
    await expectKept(fleet);
  });
});

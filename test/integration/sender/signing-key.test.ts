import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { campaignManifest } from '../../builders/manifest.ts';
import { csv, pool, recipients, template } from '../../fleet/fleet-manifests.ts';
import { aFleet, campaignOf, expectKept, untilDone } from './a-fleet.ts';

const ALL = 40;

describe('a Marketing pool whose signing key has not reached the sender yet', () => {
  it('fails no message: they wait, the mailbox says for what, and leave when the key is there', async () => {
    const fleet = await aFleet({ recipients: 0 });
    const signingKey = 'a key that signs links, long enough for it';
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'links' },
      stringData: { signingKey },
    };
    const unsubscribe = { baseUrl: 'https://example.com/u', signingKeySecretRef: { name: 'links' } };
    const marketing = { purpose: 'Marketing', unsubscribe, postalAddress: '1 Street, Town' };
    await fleet.write('pool.yaml', pool(['anna'], [], marketing), template, secret);
    await fleet.write('campaign.yaml', campaignManifest({ audience: { inline: csv(recipients(ALL)) } }));
    await fleet.publish();
    fleet.startSender();
    const mailbox = async () => (await fleet.report()).pools[0]?.mailboxes[0];
    await waitUntil('the mailbox waits', async () => (await mailbox())?.state === 'SecretKeyNotFound', {
      timeoutMs: 20_000,
      intervalMs: 50,
    });
    expect(await campaignOf(fleet)).toMatchObject({ failed: 0, delivered: 0 });
    await fleet.mountSecret('links', { signingKey });
    expect(await untilDone(fleet)).toMatchObject({ delivered: ALL, failed: 0 });
    await expectKept(fleet);
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { addressOf, campaign, mailbox, pool, recipients, template } from '../../fleet/fleet-manifests.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Pause } from '../../invariants/evidence.ts';
import { aFleet, expectKept, mailOf, untilDone } from './a-fleet.ts';

const ALL = 500;
/** How long it is watched that nothing is sent. */
const WATCHED_MS = 2_500;

interface Case {
  readonly what: string;
  readonly scope: Pause['scope'];
  readonly write: (fleet: Fleet, suspend: boolean) => Promise<void>;
}

const CASES: readonly Case[] = [
  {
    what: 'mailbox',
    scope: { kind: 'Account', account: addressOf('anna') },
    write: (fleet, suspend) => fleet.write('mailboxes.yaml', mailbox(fleet.sandbox, 'anna', { suspend })),
  },
  {
    what: 'pool',
    scope: { kind: 'Pool', pool: 'pool' },
    write: (fleet, suspend) => fleet.write('pool.yaml', pool(['anna'], [], { suspend }), template),
  },
  {
    what: 'campaign',
    scope: { kind: 'Campaign', campaign: 'launch' },
    write: (fleet, suspend) => fleet.write('campaign.yaml', campaign(recipients(ALL), { suspend })),
  },
];

describe('a suspension', () => {
  it.each(CASES.map((one) => [one.what, one] as const))(
    'of the %s stops MAIL FROM within a second, until it is resumed',
    async (_, { scope, write }) => {
      const fleet = await aFleet({ recipients: ALL });
      fleet.startSender();
      const { timeoutMs, intervalMs } = { timeoutMs: 20_000, intervalMs: 10 };
      await waitUntil('it sends', () => mailOf(fleet).length >= 20, { timeoutMs, intervalMs });
      await write(fleet, true);
      await fleet.publish();
      const fromMs = Date.now();
      await sleep(WATCHED_MS);
      expect(mailOf(fleet).length).toBeLessThan(ALL);
      await write(fleet, false);
      const toMs = Date.now();
      await fleet.publish();
      expect(await untilDone(fleet)).toMatchObject({ delivered: ALL, uncertain: 0 });
      await expectKept(fleet, { pauses: [{ scope, fromMs, toMs }] });
    },
  );
});

import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReportLimit } from '../../../controller/api/report.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { poolManifest } from '../../builders/manifest.ts';
import { Fleet, POOL } from '../../fleet/fleet.ts';
import { accounts, campaign, esp, mailbox, template } from '../../fleet/fleet-manifests.ts';
import { readAttempts } from '../../invariants/read-evidence.ts';
import { expectKept, mailOf, untilCampaign, untilDone } from './a-fleet.ts';

const POOLS = ['promotions', 'receipts'] as const;
type Pool = (typeof POOLS)[number];
/** Each pool has a mailbox of its own for less than it sends, and a relay for the rest. */
const ROUTES = {
  promotions: { mailbox: 'anna', relay: 'relay-a' },
  receipts: { mailbox: 'ben', relay: 'relay-b' },
} as const;
const MAILBOX_CAP = 3;
const GUARD = 'bulk-sender:example.com';
/** Who is not a bulk sender yet, and who is near it: `policy.yaml`, bulkSender. */
const LIMIT = 5_000;
const WARN_AT = 4_000;

function gmail(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `g${index}@gmail.com`);
}

async function twoPools(): Promise<Fleet> {
  const names = POOLS.map((pool) => ROUTES[pool].mailbox);
  const relays = POOLS.map((pool) => ROUTES[pool].relay);
  const fleet = await Fleet.start({ sandbox: accounts(names, relays) });
  onTestFinished(() => fleet.end());
  await fleet.writeLogins({ unsubscribe: 'a key that signs links, long enough for it' });
  const { sandbox } = fleet;
  const marketing = {
    purpose: 'Marketing',
    unsubscribe: {
      baseUrl: 'https://example.com/u',
      signingKeySecretRef: { name: 'logins', key: 'unsubscribe' },
    },
    postalAddress: '1 Street, Town',
  };
  const pools = POOLS.map((name) =>
    poolManifest(
      {
        mailboxes: { names: [ROUTES[name].mailbox] },
        esps: [{ name: ROUTES[name].relay }],
        routing: { overflow: 'ESP' },
        ...(name === 'promotions' ? marketing : {}),
      },
      name,
    ),
  );
  const quota = { recipientsPerDay: MAILBOX_CAP };
  await fleet.write('mailboxes.yaml', ...names.map((name) => mailbox(sandbox, name, { quota })));
  await fleet.write('pools.yaml', ...pools, ...relays.map((name) => esp(sandbox, name)), template);
  return fleet;
}

/** Has a pool send to so many Gmail addresses. */
async function send(fleet: Fleet, pool: Pool, name: string, count: number): Promise<void> {
  await fleet.write(`${name}.yaml`, campaign(gmail(count), { poolRef: { name: pool } }, name));
  await fleet.publish();
}

/** Counts mail of the domain that others have sent, up to so many recipients in all. */
async function countUpTo(fleet: Fleet, recipients: number): Promise<void> {
  const limits = [{ name: 'Day', windowMs: 86_400_000, recipients: LIMIT }] as const;
  const [usage] = await fleet.ledger.quota.usage([{ subject: GUARD, limits }]);
  const more = recipients - (usage?.used ?? 0);
  const request = { subject: GUARD, recipients: more, limits, minIntervalMs: 0, jitterMs: 0 };
  expect(await fleet.ledger.quota.reserve(request)).toMatchObject({ granted: true });
}

/** The guard as each pool tells of it. */
async function guards(fleet: Fleet): Promise<ReportLimit[]> {
  const { pools } = await fleet.report();
  return pools.flatMap(({ limits }) => limits.filter(({ kind }) => kind === 'BulkSender'));
}

describe('mail to Gmail of one organisational domain', () => {
  it('is counted over all pools, mailboxes and relays; near the limit both warn, at it Marketing waits and the rest goes on', async () => {
    const fleet = await twoPools();
    await send(fleet, 'promotions', 'spring', 8);
    await send(fleet, 'receipts', 'orders', 8);
    await countUpTo(fleet, WARN_AT - 16);
    for (const pool of POOLS) fleet.startSender(undefined, pool);
    const through = { delivered: 8, overflow: 8 - MAILBOX_CAP };
    expect(await untilDone(fleet, 30_000, 'spring')).toMatchObject(through);
    expect(await untilDone(fleet, 30_000, 'orders')).toMatchObject(through);
    const near = { used: WARN_AT, state: 'BulkSenderNear', waiting: 0 };
    expect(await guards(fleet)).toMatchObject([near, near]);

    await countUpTo(fleet, LIMIT - 2);
    await send(fleet, 'promotions', 'summer', 6);
    const isHeld = ({ state }: { state: string }) => state === 'BulkSenderRequirements';
    const held = await untilCampaign(fleet, 'Marketing waits', isHeld, { name: 'summer' });
    expect(held).toMatchObject({ delivered: 2, pending: 4, failed: 0 });
    await send(fleet, 'receipts', 'invoices', 5);
    expect(await untilDone(fleet, 30_000, 'invoices')).toMatchObject({ delivered: 5, overflow: 5 });
    const isTold = async () => (await guards(fleet)).every(({ used }) => used === LIMIT + 5);
    await waitUntil('both pools tell of what receipts sent', isTold, { timeoutMs: 10_000 });
    expect(await guards(fleet)).toMatchObject([
      { state: 'BulkSenderRequirements', waiting: 4 },
      { state: 'BulkSenderNear', waiting: 0 },
    ]);
    expect(mailOf(fleet)).toHaveLength(8 + 8 + 2 + 5);
    const attempts = POOLS.map((pool) => readAttempts(fleet.ledger.reports, { ...POOL, pool }));
    await expectKept(fleet, { attempts: (await Promise.all(attempts)).flat() });
  });
});

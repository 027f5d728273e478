import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../../controller/api/kinds.ts';
import { routeAllowance } from '../../../controller/domain/quota/room.ts';
import { LEDGER_SCHEMA_VERSION } from '../../../controller/ledger/schema.ts';
import {
  campaignManifest,
  mailboxManifest,
  poolManifest,
  suppressionListManifest,
  templateManifest,
} from '../../builders/manifest.ts';
import { recordOf } from '../../contract/pool-fixture.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { ledgerSecret, secret } from '../operator/campaign-documents.ts';
import {
  CRDS,
  has,
  LEDGER_PREFIX,
  startOperatorWorld,
  type Document,
  type OperatorWorld,
  type Shown,
} from '../operator/operator-world.ts';
import { becomeReady, logIn } from '../operator/played-senders.ts';

const reason = await reasonToSkip('control-plane');
const title = reason === undefined ? 'an upgrade from the first version' : `an upgrade (${reason})`;
const FIRST_CRDS = join(import.meta.dirname, 'crds');
const namespace = 'sales';
const POOL = { namespace, pool: 'pool' };
const ROUTE = 'mailbox/anna';
const KIND_NAMES = Object.values(KINDS).map(({ plural }) => `${plural}.mailers.io`);
const DEPLOYMENT = { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' } as const;

const letters = (unsubscribeUrl: string) =>
  poolManifest(
    {
      purpose: 'Marketing',
      mailboxes: { names: ['ben'] },
      postalAddress: 'Example Inc., 1 Main Street',
      unsubscribe: { baseUrl: unsubscribeUrl, signingKeySecretRef: { name: 'signing' } },
    },
    'letters',
  );

/** What the first version allowed and this one refuses. */
const REFUSED_NOW: readonly Document[] = [
  letters('https://example.com/leave?list=1'),
  campaignManifest({ schedule: { startingDeadlineSeconds: 600 }, poolRef: { name: 'letters' } }, 'late'),
];

/** What was there before: sent with, counted and suppressed. */
const DECLARED: readonly Document[] = [
  ledgerSecret(),
  secret('anna'),
  secret('ben'),
  secret('signing', { signingKey: 'a key of the tests, 32 letters or so' }),
  // The default of `spread` came later.
  mailboxManifest({ sendingWindow: { timeZone: 'Etc/UTC', startTime: '00:00', endTime: '23:59' } }),
  mailboxManifest(
    { address: 'ben@example.com', auth: { appPassword: { secretRef: { name: 'ben' } } } },
    'ben',
  ),
  poolManifest({ suppressionLists: ['blocked'] }),
  suppressionListManifest(),
  templateManifest(),
  campaignManifest({ audience: { inline: 'email\na@example.com\nb@example.com\n' } }),
  ...REFUSED_NOW,
];

describe.skipIf(reason !== undefined)(title, { timeout: 60_000 }, () => {
  let world: OperatorWorld;
  let before: { objects: Shown[]; deployment: Shown; ledger: object; ledgerId: string };
  let writesBefore = 0;

  const objects = async () => {
    const list = await world.run('get', KIND_NAMES.join(','), '-n', namespace, '-o', 'json');
    return (JSON.parse(list) as { items: Shown[] }).items;
  };
  /** All that must be neither lost nor repeated. */
  const inLedger = async () => {
    const { ledger } = world;
    const plan = await ledger.plans.read(POOL);
    const route = plan?.mailboxes[0];
    if (route === undefined) throw new Error('The plan has no mailbox.');
    const question = { subject: route.quotaSubject, ...routeAllowance(route) };
    const [usage] = await ledger.quota.usage([question]);
    const { nextDueMs: _, ...counts } = await ledger.audience.counts({ ...POOL, campaign: 'launch' });
    return {
      counts,
      used: usage?.used,
      audience: await ledger.audience.state({ ...POOL, campaign: 'launch' }),
      suppressed: await ledger.suppression.counts(namespace, 'blocked'),
      routes: await ledger.reports.routes(POOL),
    };
  };

  /** One of the campaign's two messages has been sent, and its recipient has opted out. */
  const send = async () => {
    const { ledger } = world;
    const sender = { ...POOL, senderId: 'test' };
    const plan = await ledger.plans.read(POOL);
    const route = plan?.mailboxes[0];
    if (route === undefined) throw new Error('The plan has no mailbox.');
    const { subject, ...allowance } = { subject: route.quotaSubject, ...routeAllowance(route) };
    await ledger.quota.reserve({ subject, recipients: 1, ...allowance, minIntervalMs: 0, jitterMs: 0 });
    const demand = { routes: { [ROUTE]: 0 }, esp: 0, any: 1, campaigns: ['launch'] };
    const { claims } = await ledger.queue.claim(sender, demand);
    const [claim] = claims;
    if (claim === undefined) throw new Error('There is nothing to send.');
    const settlement = { kind: 'Terminal', outcome: 'Delivered' } as const;
    await ledger.queue.settle(sender, { claim, settlement, record: recordOf(claim), route: ROUTE });
    const keys = { addresses: ['a@example.com'], domains: ['example.com'] };
    await ledger.suppression.add(namespace, {
      list: 'blocked',
      keys,
      reason: 'Unsubscribed',
      address: 'a@example.com',
    });
  };

  beforeAll(async () => {
    world = await startOperatorWorld({ crds: FIRST_CRDS });
    await world.apply(namespace, DECLARED);
    const operator = await world.startOperator('operator-before', { MAILERS_SENDER_IMAGE: 'mailers:before' });
    await world.until({ namespace, kind: 'Campaign', name: 'launch' }, has('AudienceImported', 'True'));
    await becomeReady(world, namespace);
    await logIn(world, namespace, [ROUTE]);
    await send();
    await world.until({ namespace, kind: 'SendingPool', name: 'pool' }, has('Ready', 'True'));
    await world.until({ namespace, kind: 'Mailbox', name: 'anna' }, has('Ready', 'True'));
    await operator.stop();
    // The first version had no number.
    await askRedis(world.redis.port, `HDEL ${LEDGER_PREFIX}:ledger schema`);
    writesBefore = (await world.writes()).length;
    before = {
      objects: await objects(),
      deployment: await world.until(DEPLOYMENT, () => true),
      ledger: await inLedger(),
      ledgerId: world.ledger.id,
    };
  }, 3_600_000);

  afterAll(() => world.stop(), 60_000);

  it('leaves every object as it is, under the present CRDs, and lets those be edited that a newer rule refuses', async () => {
    await world.run('apply', '-k', CRDS);
    const changed = letters('https://example.com/leave?list=2');
    const apply = () => world.apply(namespace, [changed], '--dry-run=server').then(() => 'taken', String);
    await expect.poll(apply, { timeout: 20_000 }).toContain('must be an https URL without');
    const all = [KIND_NAMES.join(','), '--all', '-n', namespace];
    await world.run('annotate', ...all, 'example.com/seen=yes');
    expect(identities(await objects())).toEqual(identities(before.objects));
  });

  it('makes the present operator ready for all of them, without a new generation', async () => {
    await world.startOperator('operator-after');
    for (const { kind = '', metadata } of before.objects) {
      const place = { namespace, kind: kind as keyof typeof KINDS, name: metadata.name };
      const isSeen = ({ status, metadata: now }: Shown) => status?.['observedGeneration'] === now.generation;
      await world.until(place, (object) => isSeen(object) && object.status?.conditions !== undefined);
    }
    for (const [kind, name] of [
      ['SendingPool', 'pool'],
      ['Mailbox', 'anna'],
      ['Template', 'hello'],
      ['SuppressionList', 'blocked'],
      ['Campaign', 'launch'],
    ] as const)
      await world.until({ namespace, kind, name }, has('Ready', 'True'));
    await world.checkStatuses();
    const now = await objects();
    expect(identities(now)).toEqual(identities(before.objects));
    // What was so before is so since then: no condition began anew.
    expect(timesOf(now, before.objects)).toEqual(timesOf(before.objects, now));
  });

  it('rolls the sender pods once, in the Deployment that they had, and makes or deletes nothing', async () => {
    const deployment = await world.until(DEPLOYMENT, (shown) =>
      JSON.stringify(shown).includes('mailers:test'),
    );
    expect(deployment.metadata.uid).toBe(before.deployment.metadata.uid);
    expect(deployment.metadata.generation).toBe((before.deployment.metadata.generation ?? NaN) + 1);
    const writes = (await world.settledWrites())
      .slice(writesBefore)
      .filter((write) => !/ (leases|events)/.test(write));
    expect(writes.filter((write) => !write.startsWith('patch '))).toEqual([]);
    const rolled = writes.filter((write) => write.includes(' deployments '));
    expect(rolled.toSorted()).toEqual([
      `patch deployments ${namespace}/letters-sender`,
      `patch deployments ${namespace}/pool-sender`,
    ]);
    const list = JSON.parse(await world.run('get', 'deployments', '-n', namespace, '-o', 'json')) as {
      items: Shown[];
    };
    expect(list.items.map(({ metadata }) => metadata.name).sort()).toEqual(['letters-sender', 'pool-sender']);
  });

  it('migrates the ledger with all that it knows: nothing is forgotten, nothing is read or sent again', async () => {
    const schema = await askRedis(world.redis.port, `HGET ${LEDGER_PREFIX}:ledger schema`);
    expect(schema).toContain(`\r\n${LEDGER_SCHEMA_VERSION}\r\n`);
    expect(world.ledger.id).toBe(before.ledgerId);
    expect(await inLedger()).toEqual(before.ledger);
  });

  it('is over: the operator writes nothing more when it is started once more', async () => {
    const seen = (await world.writes()).length;
    await world.operators.at(-1)?.stop();
    await world.startOperator('operator-again');
    const writes = (await world.settledWrites()).slice(seen);
    expect(writes.filter((write) => !write.includes(' leases '))).toEqual([]);
  });
});

/** What an upgrade must not change. */
function identities(shown: readonly Shown[]): string[] {
  return shown.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.uid} ${metadata.generation}`);
}

/** When each condition changed last that has the same status in `others`. */
function timesOf(shown: readonly Shown[], others: readonly Shown[]): string[] {
  const statuses = new Map(
    others.flatMap((other) => conditionsOf(other).map(({ key, status }) => [key, status])),
  );
  return shown
    .flatMap(conditionsOf)
    .filter(({ key, status }) => statuses.get(key) === status)
    .map(({ key, time }) => `${key} ${time}`)
    .toSorted();
}

function conditionsOf({ kind, metadata, status }: Shown) {
  return (status?.conditions ?? []).map((condition) => ({
    key: `${kind}/${metadata.name} ${condition.type}`,
    status: condition.status,
    time: (condition as { lastTransitionTime?: string }).lastTransitionTime,
  }));
}

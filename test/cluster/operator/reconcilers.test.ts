import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../controller/api/plan.ts';
import {
  campaignManifest,
  espManifest,
  mailboxManifest,
  poolManifest,
  suppressionListManifest,
  templateManifest,
} from '../../builders/manifest.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { waitUntil } from '../process/wait-until.ts';
import { becomeReady, logIn } from './played-senders.ts';
import { configMap, everything, ledgerSecret, secret } from './campaign-documents.ts';
import { conditionOf, has, startOperatorWorld, type OperatorWorld } from './operator-world.ts';

const reason = await reasonToSkip('control-plane');
const title = reason === undefined ? 'the operator' : `the operator (${reason})`;

describe.skipIf(reason !== undefined)(title, { timeout: 60_000 }, () => {
  let world: OperatorWorld;

  beforeAll(async () => {
    world = await startOperatorWorld();
    await world.startOperator('operator-1');
  }, 3_600_000);

  afterEach(() => world.checkStatuses());
  afterAll(() => world.stop(), 60_000);

  const planOf = (namespace: string) => world.ledger.plans.read({ namespace, pool: 'pool' });
  const untilPlan = async (namespace: string, condition: (plan: Plan | undefined) => boolean) =>
    await waitUntil('the plan', async () => condition(await planOf(namespace)), { timeoutMs: 20_000 });
  const deploymentIn = (namespace: string, name = 'pool-sender') =>
    world.until({ namespace, kind: 'apps/v1/deployments', name }, () => true);

  it('makes a plan, a Deployment and what surrounds it, and says so', async () => {
    const namespace = 'made';
    await world.apply(namespace, everything());
    const pool = await world.until(
      { namespace, kind: 'SendingPool', name: 'pool' },
      has('MailboxesResolved', 'True'),
    );
    expect(conditionOf(pool, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'SendersStarting' });
    expect((await planOf(namespace))?.mailboxes.map(({ route }) => route)).toEqual(['mailbox/anna']);
    const deployment = await deploymentIn(namespace);
    expect(deployment.spec['replicas']).toBe(1);
    for (const kind of [
      'policy/v1/poddisruptionbudgets',
      'networking.k8s.io/v1/networkpolicies',
      'v1/serviceaccounts',
    ] as const)
      await world.until({ namespace, kind, name: 'pool-sender' }, () => true);
    await world.until({ namespace, kind: 'Campaign', name: 'launch' }, has('AudienceImported', 'True'));
    await world.until({ namespace, kind: 'SuppressionList', name: 'blocked' }, has('Ready', 'True'));
    await world.until({ namespace, kind: 'Template', name: 'hello' }, has('Ready', 'True'));
    await world.until(
      { namespace, kind: 'Mailbox', name: 'anna' },
      has('Ready', 'Unknown', 'SendersStarting'),
    );
    await becomeReady(world, namespace);
    await logIn(world, namespace, ['mailbox/anna']);
    await world.until({ namespace, kind: 'Mailbox', name: 'anna' }, has('Ready', 'True'));
    await world.until({ namespace, kind: 'SendingPool', name: 'pool' }, has('Ready', 'True'));
  });

  it('changes nothing when the same is applied again, or when it starts anew', async () => {
    const before = await world.settledWrites();
    // A Secret is always said to be configured: stringData is not stored as it is written.
    expect(await world.apply('made', everything())).not.toMatch(/mailers\.io\S* (created|configured)/);
    await world.operators[0]?.stop();
    await world.startOperator('operator-2');
    const after = await world.settledWrites();
    expect(after.slice(before.length).filter((write) => !write.includes(' leases '))).toEqual([]);
  });

  it('looks again at what is asked to be looked at, and says so', async () => {
    const namespace = 'made';
    for (const [kind, name] of [
      ['SendingPool', 'pool'],
      ['Campaign', 'launch'],
      ['Mailbox', 'anna'],
    ] as const) {
      await world.run('annotate', kind, name, '-n', namespace, 'mailers.io/reconcile-at=now');
      await world.until(
        { namespace, kind, name },
        ({ status }) => status?.['lastHandledReconcileAt'] === 'now',
      );
    }
  });

  it('names what is missing, and heals when it comes', async () => {
    const namespace = 'missing';
    await world.apply(namespace, [
      mailboxManifest(),
      poolManifest({ mailboxes: { names: ['anna', 'berta'] }, suppressionLists: ['blocked'] }),
      suppressionListManifest({ configMapRefs: [{ name: 'entries' }] }),
      campaignManifest({ audience: { configMapRef: { name: 'rows' } } }),
    ]);
    const mailbox = await world.until(
      { namespace, kind: 'Mailbox', name: 'anna' },
      has('Ready', 'False', 'SecretNotFound'),
    );
    expect(conditionOf(mailbox, 'Ready')?.message).toContain(
      'Secret anna does not exist in namespace missing',
    );
    const pool = await world.until({ namespace, kind: 'SendingPool', name: 'pool' }, has('Ready', 'False'));
    expect(conditionOf(pool, 'MailboxesResolved')?.message).toContain('Mailbox berta does not exist');
    await world.until(
      { namespace, kind: 'SuppressionList', name: 'blocked' },
      has('Ready', 'False', 'ConfigMapNotFound'),
    );
    await world.until({ namespace, kind: 'Campaign', name: 'launch' }, has('Ready', 'False'));
    await world.apply(namespace, [
      secret('anna'),
      secret('berta'),
      mailboxManifest(
        { address: 'berta@example.com', auth: { appPassword: { secretRef: { name: 'berta' } } } },
        'berta',
      ),
      configMap('entries', { 'addresses.txt': 'gone@example.com\n' }),
      configMap('rows', { 'audience.csv': 'email\na@example.com\nb@example.com\n' }),
      templateManifest(),
    ]);
    const still = await world.until(
      { namespace, kind: 'SendingPool', name: 'pool' },
      has('SendersAvailable', 'False', 'SecretNotFound'),
    );
    expect(conditionOf(still, 'SendersAvailable')?.message).toContain('Secret mailers-redis does not exist');
    await world.apply(namespace, [ledgerSecret()]);
    await world.until(
      { namespace, kind: 'SendingPool', name: 'pool' },
      has('Ready', 'Unknown', 'SendersStarting'),
    );
    await world.until({ namespace, kind: 'Campaign', name: 'launch' }, has('AudienceImported', 'True'));
    const list = await world.until(
      { namespace, kind: 'SuppressionList', name: 'blocked' },
      has('Ready', 'True'),
    );
    expect(list.status?.['declared']).toBe(2);
    await world.until({ namespace, kind: 'Mailbox', name: 'anna' }, has('Ready', 'Unknown'));
    await world.until({ namespace, kind: 'SendingPool', name: 'pool' }, has('MailboxesResolved', 'True'));
    const events = await world.run('get', 'events', '-n', namespace, '-o', 'jsonpath={.items[*].reason}');
    expect(events).toContain('SecretNotFound');
  });

  it('reads a ConfigMap again when it changes', async () => {
    const namespace = 'missing';
    const rows = configMap('rows', {
      'audience.csv': 'email\na@example.com\nb@example.com\nc@example.com\n',
    });
    await world.apply(namespace, [rows]);
    const campaign = await world.until(
      { namespace, kind: 'Campaign', name: 'launch' },
      ({ status }) => status?.['total'] === 3,
    );
    expect(campaign.status?.['pending']).toBe(3);
  });

  it('scales by kubectl scale', async () => {
    const namespace = 'made';
    await world.run('scale', 'sendingpool/pool', '--replicas=3', '-n', namespace);
    await world.until(
      { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' },
      ({ spec }) => spec['replicas'] === 3,
    );
    await becomeReady(world, namespace, 3);
    const pool = await world.until(
      { namespace, kind: 'SendingPool', name: 'pool' },
      ({ status }) => status?.['readyReplicas'] === 3,
    );
    expect(pool.status).toMatchObject({ replicas: 3 });
    expect(pool.status?.['selector']).toContain('mailers.io/pool=pool');
  });

  it('puts back what somebody changes or deletes', async () => {
    const namespace = 'made';
    await world.run('delete', 'networkpolicy', 'pool-sender', '-n', namespace);
    await world.until(
      { namespace, kind: 'networking.k8s.io/v1/networkpolicies', name: 'pool-sender' },
      () => true,
    );
    await world.run('scale', 'deployment/pool-sender', '--replicas=7', '-n', namespace);
    await world.until(
      { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' },
      ({ spec }) => spec['replicas'] === 3,
    );
  });

  it('gives every mailbox pods of its own when told to, and takes them back', async () => {
    const namespace = 'isolated';
    const pool = (isolation: string) =>
      poolManifest({
        mailboxes: { names: ['anna'] },
        esps: [{ name: 'relay' }],
        senders: { isolation, replicas: 2 },
      });
    await world.apply(namespace, [
      secret('anna'),
      secret('relay', { username: 'u', password: 'p' }),
      mailboxManifest(),
      espManifest(),
      pool('Mailbox'),
    ]);
    const own = await deploymentIn(namespace, 'pool-sender-mailbox-anna');
    expect(own.spec['replicas']).toBe(1);
    expect(JSON.stringify(own.spec)).toContain('"--route","mailbox/anna"');
    expect((await deploymentIn(namespace, 'pool-sender-esps')).spec['replicas']).toBe(2);
    await world.apply(namespace, [pool('Shared')]);
    await deploymentIn(namespace);
    await waitUntil(
      'the Deployments of single routes are gone',
      async () =>
        (await world.run('get', 'deployments', '-n', namespace, '-o', 'name')).trim() ===
        'deployment.apps/pool-sender',
      { timeoutMs: 20_000 },
    );
  });

  it('reads an audience in a Secret by a Job, once per version', async () => {
    const namespace = 'secret-audience';
    await world.apply(namespace, [
      ...everything(),
      secret('rows', { 'audience.csv': 'email\na@example.com\n' }),
      campaignManifest({ audience: { secretRef: { name: 'rows' } } }),
    ]);
    const jobs = async () =>
      (await world.run('get', 'jobs', '-n', namespace, '-o', 'name'))
        .trim()
        .split('\n')
        .filter((name) => name !== '');
    const [first] = await waitUntil(
      'a Job',
      async () => {
        const names = await jobs();
        return names.length === 1 && names;
      },
      { timeoutMs: 20_000 },
    );
    await world.apply(namespace, [secret('rows', { 'audience.csv': 'email\nb@example.com\n' })]);
    await waitUntil(
      'the next Job takes its place',
      async () => {
        const names = await jobs();
        return names.length === 1 && names[0] !== first;
      },
      { timeoutMs: 20_000 },
    );
  });

  it('suspends at once, in the plan and in words', async () => {
    const namespace = 'made';
    await world.run(
      'patch',
      'sendingpool',
      'pool',
      '-n',
      namespace,
      '--type=merge',
      '-p',
      '{"spec":{"suspend":true}}',
    );
    await untilPlan(namespace, (plan) => plan?.suspended === true);
    await world.until({ namespace, kind: 'SendingPool', name: 'pool' }, has('Ready', 'True', 'Suspended'));
    await world.until(
      { namespace, kind: 'Campaign', name: 'launch' },
      ({ status }) => status?.['state'] === 'Suspended',
    );
  });

  it('cancels what a deleted campaign has not sent, and withdraws the plan of a deleted pool', async () => {
    const namespace = 'made';
    await world.run('delete', 'campaign', 'launch', '-n', namespace);
    await untilPlan(namespace, (plan) => plan?.campaigns.length === 0);
    const key = { namespace, pool: 'pool', campaign: 'launch' };
    await waitUntil(
      'its message is cancelled',
      async () => (await world.ledger.audience.counts(key)).cancelled === 1,
      { timeoutMs: 20_000 },
    );
    await world.run('delete', 'sendingpool', 'pool', '-n', namespace);
    await untilPlan(namespace, (plan) => plan === undefined);
    await world.until({ namespace, kind: 'Mailbox', name: 'anna' }, has('Ready', 'True', 'Succeeded'));
  });

  it('says when the ledger is away, and when it is back', async () => {
    const place = { namespace: 'missing', kind: 'SendingPool', name: 'pool' } as const;
    await world.redis.kill9();
    await world.until(place, has('LedgerDurable', 'Unknown', 'LedgerUnavailable'));
    await world.redis.restart();
    await world.until(place, has('LedgerDurable', 'True'));
    const isReached = () => world.ledger.now().then(Boolean, () => false);
    await waitUntil('this process reaches Redis, too', isReached, { timeoutMs: 10_000 });
  });

  it('publishes a plan again that the ledger has lost', async () => {
    await world.ledger.plans.withdraw({ namespace: 'missing', pool: 'pool' });
    await untilPlan('missing', (plan) => plan !== undefined);
  });
});

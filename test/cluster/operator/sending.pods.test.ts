import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  campaignManifest,
  mailboxManifest,
  poolManifest,
  templateManifest,
} from '../../builders/manifest.ts';
import { machineFacts, reasonToSkip } from '../machine-facts.ts';
import { clusterKind } from '../prerequisites.ts';
import { waitUntil } from '../process/wait-until.ts';
import { secret, startSendingCluster, type SendingCluster } from './sending-cluster.ts';

const reason = await reasonToSkip('cluster');
const isNative = clusterKind(await machineFacts('cluster')) === 'native';
const PASSWORD = 'abcd efgh ijkl mnop';
/** Every test has its own namespace and accounts; the namespaces are of this run alone. */
const SUITE = `sending-${process.pid}`;
const TESTS = ['complete', 'scaled', 'killed', 'late', 'rotated', 'suspended'] as const;
type Test = (typeof TESTS)[number];
const account = (test: Test, name: string) => `${name}.${test}@example.com`;
const rows = (count: number) => {
  const lines = Array.from({ length: count }, (_, row) => `reader-${row}@example.net`);
  return ['email', ...lines].join('\n');
};

// With kind, the cluster cannot reach what this process listens on.
describe.skipIf(reason !== undefined || !isNative)(
  `sending from a cluster${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 120_000 },
  () => {
    let world: SendingCluster;

    beforeAll(async () => {
      const accounts = TESTS.flatMap((test) =>
        ['anna', 'berta'].map((name) => ({ address: account(test, name), appPassword: PASSWORD })),
      );
      world = await startSendingCluster({ accounts });
    }, 3_600_000);

    afterAll(() => world.end(), 180_000);

    const mailbox = (test: Test, name: string, changes: Readonly<Record<string, unknown>> = {}) =>
      mailboxManifest(
        {
          address: account(test, name),
          auth: { appPassword: { secretRef: { name: 'logins', key: name } } },
          smtp: world.smtp(world.sandbox.addresses.submission.startTlsPort),
          pacing: { minIntervalSeconds: 0 },
          ...changes,
        },
        name,
      );
    const logins = () => secret('logins', { anna: PASSWORD, berta: PASSWORD });
    const inNamespace = (test: Test) => {
      const namespace = `${SUITE}-${test}`;
      const run = (...args: string[]) => world.run('--namespace', namespace, ...args);
      return {
        namespace,
        run,
        apply: (...documents: Parameters<SendingCluster['apply']>[1]) => world.apply(namespace, documents),
        wait: (what: string, condition: string, seconds = 90) =>
          run('wait', what, `--for=condition=${condition}`, `--timeout=${seconds}s`),
        delivered: () =>
          world.sandbox.wireLog
            .transactions()
            .filter((one) => one.account.includes(`.${test}@`) && one.kind === 'Transaction').length,
      };
    };

    it('takes a campaign from kubectl apply to Complete, and says so', async () => {
      const { namespace, run, apply, wait } = inNamespace('complete');
      await apply(
        logins(),
        mailbox('complete', 'anna'),
        mailbox('complete', 'berta'),
        poolManifest({ mailboxes: { names: ['anna', 'berta'] } }),
        templateManifest(),
        campaignManifest({ audience: { inline: rows(40) } }),
      );
      await wait('sendingpool/pool', 'Ready');
      await wait('mailbox/anna', 'Ready');
      await wait('campaign/launch', 'Complete');
      const shown = (await run('get', 'camp', 'launch', '--no-headers')).split(/\s+/);
      expect(shown).toContain('100%');
      expect(shown).toContain('40');
      await waitUntil(
        'the pool says what was sent',
        async () => (await run('get', 'sp', 'pool', '-o', 'jsonpath={.status.delivered}')) === '40',
        { timeoutMs: 30_000 },
      );
      await world.expectInvariants(namespace);
    });

    it('scales up and down, each time with mail on its way', async () => {
      const { namespace, run, apply, wait } = inNamespace('scaled');
      await apply(
        logins(),
        mailbox('scaled', 'anna', { pacing: { minIntervalSeconds: 1 } }),
        mailbox('scaled', 'berta', { pacing: { minIntervalSeconds: 1 } }),
        poolManifest({ mailboxes: { names: ['anna', 'berta'] } }),
        templateManifest(),
        campaignManifest({ audience: { inline: rows(30) } }),
      );
      await wait('sendingpool/pool', 'Ready');
      await run('scale', 'sendingpool/pool', '--replicas=2');
      await run('wait', 'sendingpool/pool', '--for=jsonpath={.status.readyReplicas}=2', '--timeout=60s');
      await run('scale', 'sendingpool/pool', '--replicas=1');
      await run('wait', 'sendingpool/pool', '--for=jsonpath={.status.readyReplicas}=1', '--timeout=60s');
      await wait('campaign/launch', 'Complete');
      await world.expectInvariants(namespace);
    });

    it('loses and repeats nothing when a sender pod is killed in mid-send', async () => {
      const { namespace, run, apply, wait, delivered } = inNamespace('killed');
      await apply(
        logins(),
        mailbox('killed', 'anna', { pacing: { minIntervalSeconds: 1 } }),
        poolManifest({ mailboxes: { names: ['anna'] } }),
        templateManifest(),
        campaignManifest({ audience: { inline: rows(15) } }),
      );
      await waitUntil('mail is on its way', () => delivered() >= 3, { timeoutMs: 60_000 });
      await run('delete', 'pod', '--selector=mailers.io/pool=pool', '--force', '--grace-period=0');
      await wait('campaign/launch', 'Complete');
      await world.expectInvariants(namespace);
    });

    it('waits for a Secret that comes late, and names it meanwhile', async () => {
      const { namespace, run, apply, wait } = inNamespace('late');
      await apply(
        mailbox('late', 'anna'),
        poolManifest({ mailboxes: { names: ['anna'] } }),
        templateManifest(),
        campaignManifest({ audience: { inline: rows(3) } }),
      );
      await wait('mailbox/anna', 'Ready=False');
      expect(
        await run(
          'get',
          'mailbox',
          'anna',
          '-o',
          'jsonpath={.status.conditions[?(@.type=="Ready")].message}',
        ),
      ).toContain('Secret logins does not exist');
      await apply(logins());
      await wait('mailbox/anna', 'Ready', 110);
      await wait('campaign/launch', 'Complete');
      await world.expectInvariants(namespace);
    });

    it('stops a suspended pool within a second, and goes on afterwards', async () => {
      const { namespace, run, apply, wait, delivered } = inNamespace('suspended');
      await apply(
        logins(),
        mailbox('suspended', 'anna', { pacing: { minIntervalSeconds: 1 } }),
        poolManifest({ mailboxes: { names: ['anna'] } }),
        templateManifest(),
        campaignManifest({ audience: { inline: rows(12) } }),
      );
      await waitUntil('mail is on its way', () => delivered() >= 3, { timeoutMs: 60_000 });
      await run('patch', 'sendingpool', 'pool', '--type=merge', '--patch', '{"spec":{"suspend":true}}');
      await run('wait', 'campaign/launch', '--for=jsonpath={.status.state}=Suspended', '--timeout=30s');
      await run('patch', 'sendingpool', 'pool', '--type=merge', '--patch', '{"spec":{"suspend":false}}');
      await wait('campaign/launch', 'Complete');
      await world.expectInvariants(namespace);
    });

    it('uses a rotated Secret without a restart', async () => {
      const { namespace, run, apply, wait } = inNamespace('rotated');
      await apply(
        secret('logins', { anna: 'aaaa bbbb cccc dddd' }),
        mailbox('rotated', 'anna'),
        poolManifest({ mailboxes: { names: ['anna'] } }),
        templateManifest(),
        campaignManifest({ audience: { inline: rows(3) } }),
      );
      await wait('mailbox/anna', 'Authenticated=False');
      const pods = [
        'get',
        'pods',
        '--selector=mailers.io/pool=pool',
        '-o',
        'jsonpath={.items[*].metadata.name}',
      ];
      const before = await run(...pods);
      await apply(logins());
      await wait('campaign/launch', 'Complete', 110);
      expect(await run(...pods)).toBe(before);
      await world.expectInvariants(namespace);
    });
  },
);

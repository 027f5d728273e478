import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../../controller/domain/status/build-report.ts';
import { readPool } from '../../../controller/operator/facts/pool-facts.ts';
import { kstatusOf, type ObservedObject } from '../../../controller/operator/kube/kstatus.ts';
import { expectInvariants } from '../../invariants/check-invariants.ts';
import { readAttempts } from '../../invariants/read-evidence.ts';
import { manifestOf, manifestsOf } from '../chart/documents.ts';
import { borrowCluster } from '../cluster.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { machineFacts, reasonToSkip } from '../machine-facts.ts';
import { secret, startSendingCluster, type SendingCluster } from '../operator/sending-cluster.ts';
import { clusterKind } from '../prerequisites.ts';
import { waitUntil } from '../process/wait-until.ts';
import { Flux } from './flux.ts';

const reason = await reasonToSkip('cluster');
const isNative = clusterKind(await machineFacts('cluster')) === 'native';
const gitops = join(checkout, 'examples', 'gitops');
const namespace = 'newsletter';
const key = { namespace, pool: 'newsletter' };
const appPassword = 'abcd efgh ijkl mnop';
const login = { username: 'apikey', password: 'relay-key' };
const names = ['anna', 'ben', 'carla'];
const DAY_MS = 86_400_000;

// With kind, the cluster cannot reach what this process listens on.
describe.skipIf(reason !== undefined || !isNative)(
  `examples/gitops with Flux and sender pods${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 180_000 },
  () => {
    let scratch: string;
    let world: SendingCluster;
    let flux: Flux;

    const inNamespace = async (...args: string[]) => await world.run('--namespace', namespace, ...args);
    const json = (value: unknown) => JSON.stringify(value);
    /** The providers of the example are real ones; here the sandbox plays them. */
    const withSandbox = () => {
      const { submission, relay } = world.sandbox.addresses;
      const smtp = world.smtp(submission.startTlsPort);
      const operations = (smtpEndpoint: object) => [{ op: 'add', path: '/spec/smtp', value: smtpEndpoint }];
      return [
        { target: { kind: 'Mailbox' }, patch: json(operations(smtp)) },
        { target: { kind: 'EmailServiceProvider' }, patch: json(operations(world.smtp(relay.startTlsPort))) },
      ];
    };

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'flux-sending-'));
      const accounts = names.map((name) => ({ address: `${name}@harbour-coffee.example`, appPassword }));
      world = await startSendingCluster({ accounts, relays: [login] });
      const { cluster } = await borrowCluster(() => undefined);
      flux = await Flux.start(cluster.kubeconfig, scratch);
      await world.apply(namespace, [
        secret('mailbox-passwords', Object.fromEntries(names.map((name) => [name, appPassword]))),
        secret('relay-login', login),
        secret('unsubscribe-key', { signingKey: 'a-long-random-string-of-your-own-kept-for-sixty-days' }),
      ]);
      const objects = manifestsOf(await kubectl(cluster.kubeconfig, ['kustomize', join(gitops, 'flux')]));
      const kustomization = manifestOf(objects, 'Kustomization', 'newsletter');
      const spec = { ...(kustomization['spec'] as object), dependsOn: [], patches: withSandbox() };
      const items = [manifestOf(objects, 'GitRepository', 'mail'), { ...kustomization, spec }];
      const input = json({ apiVersion: 'v1', kind: 'List', items });
      await kubectl(cluster.kubeconfig, ['apply', '--server-side', '--filename=-'], { input });
      await flux.push('mail', gitops);
    }, 3_600_000);

    afterAll(async () => {
      await flux.uninstall();
      await world.end();
      await rm(scratch, { recursive: true });
    }, 180_000);

    it('is Ready when every mailbox has logged in and the senders run', async () => {
      await waitUntil(
        'Flux says that it is ready',
        async () => expect(await flux.state('newsletter')).toMatchObject({ ready: 'True' }) ?? true,
        { timeoutMs: 120_000, intervalMs: 250 },
      );
      const kinds = 'mailboxes,emailserviceproviders,sendingpools,suppressionlists,templates,campaigns';
      const list = JSON.parse(await inNamespace('get', kinds, '--output=json')) as {
        items: ObservedObject[];
      };
      expect(list.items).toHaveLength(8);
      for (const object of list.items) expect(kstatusOf(object).status).toBe('Current');
      expect(
        await inNamespace('get', 'deployment', 'newsletter-sender', '-o', 'jsonpath={.status.readyReplicas}'),
      ).toBe('2');
    });

    it('sends the campaign, and stays ready', async () => {
      await inNamespace('wait', 'campaign/spring-roast-preview', '--for=condition=Complete', '--timeout=60s');
      await flux.reconcile('newsletter', 'after-sending');
      expect(await flux.state('newsletter')).toMatchObject({ ready: 'True' });
      const plan = await world.ledger.plans.read(key);
      if (plan === undefined) throw new Error('the pool has no plan');
      const { facts } = await readPool(world.ledger, plan, undefined);
      expectInvariants({
        wireLog: world.sandbox.wireLog.transactions(),
        attempts: await readAttempts(world.ledger.reports, key),
        report: buildReport([facts], await world.ledger.now()),
        caps: plan.mailboxes.map(({ address, cap }) => ({ account: address, recipients: cap })),
        windowMs: DAY_MS,
      });
    });

    it('takes the senders away with the resources', async () => {
      await world.run('delete', 'kustomization', 'newsletter', '--namespace=flux-system', '--timeout=60s');
      await inNamespace('wait', '--for=delete', 'deployment/newsletter-sender', '--timeout=60s');
    });
  },
);

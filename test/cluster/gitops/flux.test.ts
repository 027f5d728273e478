import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kstatusOf, type ObservedObject } from '../../../controller/operator/kube/kstatus.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';
import { manifestOf, manifestsOf, type Manifest } from '../chart/documents.ts';
import { answerCodes, startInstalledOperator } from '../chart/installed-operator.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { untilCrdsEstablished } from '../established-crds.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import type { OperatorProcess } from '../operator/operator-process.ts';
import { waitUntil } from '../process/wait-until.ts';
import { Flux, type KustomizationState } from './flux.ts';

const reason = await reasonToSkip('control-plane');
const gitops = join(checkout, 'examples', 'gitops');
const kinds = 'mailboxes,emailserviceproviders,sendingpools,suppressionlists,templates,campaigns';

/** What stays the same while nobody changes the object. */
type Managed = { name: string; generation: number; managedFields: { manager: string; time: string }[] };
type Objects = { items: (ObservedObject & { metadata: { name: string } })[] };

/** There are no nodes here, hence no sender pods: what needs one is Ready only when it is suspended. */
const withoutSenders = `patches:
  - target: { kind: (Mailbox|EmailServiceProvider) }
    patch: '[{ "op": "add", "path": "/spec/suspend", "value": true }]'
  - target: { kind: SendingPool }
    patch: '[{ "op": "replace", "path": "/spec/senders/replicas", "value": 0 }]'
`;

describe.skipIf(reason !== undefined)(
  `examples/gitops with Flux${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 180_000 },
  () => {
    let scratch: string;
    let plane: ControlPlane;
    let redis: RedisServer;
    let flux: Flux;
    let operator: OperatorProcess;

    const run = async (...args: string[]) => await kubectl(plane.kubeconfig, args);
    const apply = async (manifests: readonly Manifest[]) =>
      await kubectl(plane.kubeconfig, ['apply', '--server-side', '--filename=-'], {
        input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
      });
    const resources = async () => {
      const list = await run('get', kinds, '-n=newsletter', '--output=json', '--show-managed-fields');
      return (JSON.parse(list) as Objects).items;
    };
    const names = async () =>
      (await resources()).map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
    /** The repository of the team as it is in a checkout of its own. */
    const repository = () => join(scratch, 'mail');
    const edit = async (file: string, change: (text: string) => string) => {
      const path = join(repository(), 'newsletter', file);
      await writeFile(path, change(await readFile(path, 'utf8')));
    };
    const until = async (kustomization: string, state: Partial<KustomizationState>) =>
      await waitUntil(
        `Flux says ${JSON.stringify(state)} of ${kustomization}`,
        async () => expect(await flux.state(kustomization)).toMatchObject(state) ?? true,
        { timeoutMs: 60_000, intervalMs: 250 },
      );

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'gitops-flux-'));
      await cp(gitops, repository(), { recursive: true });
      [plane, redis] = await Promise.all([
        startControlPlane({ dir: join(scratch, 'plane'), controllers: true }),
        startRedis(),
      ]);
      flux = await Flux.start(plane.kubeconfig, join(scratch, 'flux'));
      const objects = manifestsOf(await run('kustomize', join(gitops, 'flux')));
      const team = manifestOf(objects, 'Kustomization', 'newsletter');
      const platform = manifestOf(objects, 'Kustomization', 'mailers');
      await apply([
        manifestOf(objects, 'GitRepository', 'mailers'),
        manifestOf(objects, 'GitRepository', 'mail'),
        // The operator's pods cannot run here, so nobody waits for them.
        { ...platform, spec: { ...(platform['spec'] as object), wait: false } },
        {
          ...team,
          spec: {
            ...(team['spec'] as object),
            dependsOn: [{ name: 'mailers' }],
          },
        },
      ]);
    }, 3_600_000);

    afterAll(async () => {
      await operator?.stop();
      await flux.stop();
      await Promise.all([plane.stop(), redis.stop()]);
      await rm(scratch, { recursive: true });
    }, 60_000);

    it('installs the operator and its CRDs, with the image of the example for the senders too', async () => {
      const mailers = join(scratch, 'mailers');
      await cp(join(checkout, 'charts'), join(mailers, 'charts'), { recursive: true });
      await cp(join(checkout, 'crds'), join(mailers, 'crds'), { recursive: true });
      await flux.push('mailers', mailers);
      await until('mailers', { ready: 'True' });
      await untilCrdsEstablished(plane.kubeconfig);
      const deployment = await run(
        'get',
        'deployment',
        'mailers-operator',
        '--namespace=mailers-system',
        '--output=json',
      );
      const images = deployment.match(/registry\.example\.com\/mailers:0\.1\.0/g);
      expect(images).toHaveLength(2);
    });

    it('applies what the team has in Git, and waits for what is not ready', async () => {
      operator = await startInstalledOperator({
        kubeconfig: plane.kubeconfig,
        dir: scratch,
        redisUrl: redis.url,
        namespace: 'mailers-system',
        account: 'mailers-operator',
      });
      await run('create', 'namespace', 'newsletter');
      const secret = ['create', 'secret', 'generic', '--namespace=newsletter'];
      await run(...secret, 'relay-login', '--from-literal=username=u', '--from-literal=password=p');
      await run(...secret, 'unsubscribe-key', '--from-literal=signingKey=a-long-random-string');
      await flux.push('mail', repository());
      const doing = expect.stringContaining('Running health checks') as string;
      await until('newsletter', { ready: 'Unknown', doing });
      expect(await names()).toEqual([
        'Campaign/spring-roast-preview',
        'EmailServiceProvider/relay',
        'Mailbox/anna',
        'Mailbox/ben',
        'Mailbox/carla',
        'SendingPool/newsletter',
        'SuppressionList/opted-out',
        'Template/spring-roast',
      ]);
    });

    it('says why nothing is ready, on the resources themselves', async () => {
      const missing = async () =>
        await run(
          'get',
          '-n=newsletter',
          'mailbox/anna',
          '--output=jsonpath={.status.conditions[?(@.type=="Reconciling")].message}',
        );
      await waitUntil('the Secret is named', async () => (await missing()).includes('mailbox-passwords'), {
        timeoutMs: 10_000,
      });
      expect(await flux.state('newsletter')).toMatchObject({ ready: 'Unknown' });
    });

    it('is Ready once every resource is, when the Secret has come', async () => {
      const keys = ['anna', 'ben', 'carla'].map((key) => `--from-literal=${key}=abcd efgh ijkl mnop`);
      await run('create', 'secret', 'generic', 'mailbox-passwords', '--namespace=newsletter', ...keys);
      await edit('kustomization.yaml', (text) => text + withoutSenders);
      await flux.push('mail', repository());
      await until('newsletter', { ready: 'True' });
      for (const object of await resources()) expect(kstatusOf(object).status).toBe('Current');
    });

    it('stays as it is in Git: applied again, nothing changes and nothing differs', async () => {
      const written = async () =>
        (await resources()).map(({ metadata }) => {
          const { name, generation, managedFields } = metadata as unknown as Managed;
          const byFlux = managedFields.filter(({ manager }) => manager === 'kustomize-controller');
          return { name, generation, byFlux: byFlux.map(({ time }) => time) };
        });
      const before = await written();
      expect(before.every(({ byFlux }) => byFlux.length === 1)).toBe(true);
      await flux.reconcile('newsletter', 'again');
      await until('newsletter', { ready: 'True' });
      expect(await written()).toEqual(before);
      // Flux adds labels of its own; another field manager is not asked about those.
      const diff = ['diff', '--server-side', '--field-manager=somebody', '--kustomize'];
      expect(await run(...diff, join(repository(), 'newsletter'))).toBe('');
    });

    it('prunes what is taken out of Git', async () => {
      await edit('kustomization.yaml', (text) =>
        text.replace(/^.*(carla|spring-roast-preview)\.yaml\n/gm, ''),
      );
      await flux.push('mail', repository());
      await waitUntil(
        'both are gone',
        async () => !(await names()).some((name) => /carla|preview/.test(name)),
        {
          timeoutMs: 30_000,
        },
      );
      await until('newsletter', { ready: 'True' });
      expect(await names()).toHaveLength(6);
    });

    it('goes away without a trace, the senders too, in whatever order it is deleted', async () => {
      const made = async () =>
        await run(
          'get',
          'deployment,networkpolicy,poddisruptionbudget',
          '--namespace=newsletter',
          '--output=name',
        );
      expect(await made()).toContain('deployment.apps/newsletter-sender');
      await run('delete', 'kustomization', 'newsletter', '--namespace=flux-system', '--timeout=60s');
      expect(await names()).toEqual([]);
      // The garbage collector looks for new kinds every 30 s and asks ever more rarely for an owner of a kind it does not know: where the CRDs
      // are as young as here, that is up to 50 s.
      await waitUntil('the senders are gone', async () => (await made()) === '', { timeoutMs: 90_000 });
    });

    it('was done by the operator within the rights that the chart gives it', async () => {
      const codes = await answerCodes(operator);
      expect(codes).toContain('200');
      expect([...codes].filter((code) => code === '401' || code === '403')).toEqual([]);
    });
  },
);

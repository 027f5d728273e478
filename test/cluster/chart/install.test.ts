import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  campaignManifest,
  mailboxManifest,
  poolManifest,
  templateManifest,
} from '../../builders/manifest.ts';
import { startRedis } from '../../redis/redis-server.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { untilCrdsEstablished } from '../established-crds.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { waitUntil } from '../process/wait-until.ts';
import { chartFolder, helm, release } from './helm.ts';
import { answerCodes, startInstalledOperator } from './installed-operator.ts';
import { rightsOf } from './rights.ts';

const reason = await reasonToSkip('control-plane');

const kinds = [
  'campaigns',
  'emailserviceproviders',
  'mailboxes',
  'sendingpools',
  'suppressionlists',
  'templates',
];
const ofEveryKind = (subresource: string, verbs: string) =>
  kinds.map((kind) => `mailers.io/${kind}${subresource}: ${verbs}`);
const all = 'create delete get list patch watch';

/** The README's table of rights. */
const rightsWhereItWatches = [
  '/configmaps: get list watch',
  `/serviceaccounts: ${all}`,
  `apps/deployments: ${all}`,
  `batch/jobs: ${all}`,
  'events.k8s.io/events: create patch',
  ...ofEveryKind('', 'get list watch'),
  ...ofEveryKind('/finalizers', 'update'),
  ...ofEveryKind('/status', 'patch'),
  `networking.k8s.io/networkpolicies: ${all}`,
  `policy/poddisruptionbudgets: ${all}`,
];
const rightsOnSecrets = ['/secrets: list watch'];
const rightsOnItsRecord = ['/configmaps: create', '/configmaps[mailers-ledger]: get update'];
/** In its own namespace, where it keeps its record, and which it watches like the others. */
const rightsAtHome = [
  ...rightsWhereItWatches.filter((right) => !right.startsWith('/configmaps')),
  '/configmaps: create get list watch',
  '/configmaps[mailers-ledger]: get update',
];
const rightsOnItsLease = [
  'coordination.k8s.io/leases: create',
  'coordination.k8s.io/leases[mailers-operator]: get patch update',
];

describe.skipIf(reason !== undefined)(
  `the chart on a real API server${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 120_000 },
  () => {
    let scratch: string;
    let plane: ControlPlane;

    const run = async (...args: string[]) => await kubectl(plane.kubeconfig, args);
    const inRelease = async (...args: string[]) => await run('--namespace', release.namespace, ...args);
    const install = async (name: string, namespace: string, ...args: string[]) =>
      await helm(
        ['upgrade', '--install', name, chartFolder, '--namespace', namespace, ...args],
        plane.kubeconfig,
      );
    /** Beyond what every account may do. */
    const grantedTo = async (account: { namespace: string; name: string }, namespace: string) => {
      const everybodys = await rightsOf(plane.kubeconfig, { ...account, name: 'nobody' }, namespace);
      const rights = await rightsOf(plane.kubeconfig, account, namespace);
      return rights.filter((right) => !everybodys.includes(right));
    };

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'chart-install-'));
      plane = await startControlPlane({ dir: scratch, controllers: true });
      for (const namespace of [release.namespace, 'teams', 'marketing', 'sales']) {
        await run('create', 'namespace', namespace);
        await run('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
      }
      await install(release.name, release.namespace);
    }, 3_600_000);

    afterAll(async () => {
      await plane.stop();
      await rm(scratch, { recursive: true });
    }, 60_000);

    it('installs the CRDs, in force', async () => {
      await untilCrdsEstablished(plane.kubeconfig);
      const names = (await run('get', 'crd', '--output=name')).trim().split('\n');
      expect(names).toEqual(
        kinds.map((kind) => `customresourcedefinition.apiextensions.k8s.io/${kind}.mailers.io`),
      );
    });

    it('makes pods that the "restricted" pod security standard lets in', async () => {
      const names = async () =>
        (
          await inRelease(
            'get',
            'pods',
            '--output=jsonpath={.items[*].metadata.labels.app\\.kubernetes\\.io/component}',
          )
        )
          .split(' ')
          .sort();
      await waitUntil('three pods exist', async () => (await names()).length === 3, { timeoutMs: 60_000 });
      expect(await names()).toEqual(['operator', 'operator', 'redis']);
    });

    it('gives the operator the rights that the README lists, and no others', async () => {
      const operator = { namespace: release.namespace, name: 'mailers-operator' };
      expect(await grantedTo(operator, 'default')).toEqual(
        [...rightsWhereItWatches, ...rightsOnSecrets].sort(),
      );
      expect(await grantedTo(operator, release.namespace)).toEqual(
        [...rightsAtHome, ...rightsOnSecrets, ...rightsOnItsLease].sort(),
      );
    });

    it('gives Redis no rights', async () => {
      const redis = { namespace: release.namespace, name: 'mailers-redis' };
      expect(await grantedTo(redis, release.namespace)).toEqual([]);
    });

    it('lets those who may view or edit a namespace view or edit the resources in it', async () => {
      await run('create', 'serviceaccount', 'viewer');
      await run('create', 'serviceaccount', 'editor');
      await run('create', 'rolebinding', 'view', '--clusterrole=view', '--serviceaccount=default:viewer');
      await run('create', 'rolebinding', 'edit', '--clusterrole=edit', '--serviceaccount=default:editor');
      const ours = async (name: string) => {
        const rights = await rightsOf(plane.kubeconfig, { namespace: 'default', name }, 'default');
        return rights.filter((right) => right.startsWith('mailers.io/'));
      };
      const edits = 'create delete deletecollection get list patch update watch';
      await waitUntil('the roles are aggregated', async () => (await ours('editor')).length > 0, {
        timeoutMs: 30_000,
      });
      expect(await ours('viewer')).toEqual(ofEveryKind('', 'get list watch'));
      expect(await ours('editor')).toEqual(
        [...ofEveryKind('', edits), 'mailers.io/sendingpools/scale: get patch update'].sort(),
      );
    });

    it('changes nothing when it is applied again: the password stays, no pod restarts', async () => {
      const state = async () => {
        const everything = [
          'deployment',
          'statefulset',
          'secret/mailers-redis',
          'configmap',
          'networkpolicy',
        ];
        const ofCluster = ['clusterrole/mailers-operator', ...kinds.map((kind) => `crd/${kind}.mailers.io`)];
        const fields = '{range .items[*]}{.kind}/{.metadata.name}={.metadata.generation},{.data}{"\\n"}{end}';
        const namespaced = await Promise.all(
          everything.map(async (what) =>
            what.includes('/')
              ? await inRelease('get', what, '--output=jsonpath={.data}')
              : await inRelease('get', what, `--output=jsonpath=${fields}`),
          ),
        );
        return [...namespaced, await run('get', ...ofCluster, `--output=jsonpath=${fields}`)];
      };
      const before = await state();
      expect(before[2]).toMatch(/"password":".{44}"/);
      expect(await install(release.name, release.namespace)).toContain('kubectl get -n NAMESPACE mailers');
      expect(await state()).toEqual(before);
    });

    it('in namespaces only, has rights in these and nowhere else, and puts the URL of Redis there', async () => {
      const values =
        'operator.watchNamespaces={marketing,sales},operator.watchSecrets=false,crds.enabled=false';
      await install('team', 'teams', '--set', `${values},rbac.aggregateToUserRoles=false`);
      const operator = { namespace: 'teams', name: 'team-mailers-operator' };
      expect(await grantedTo(operator, 'marketing')).toEqual([...rightsWhereItWatches].sort());
      expect(await grantedTo(operator, 'sales')).toEqual([...rightsWhereItWatches].sort());
      expect(await grantedTo(operator, 'teams')).toEqual([...rightsOnItsRecord, ...rightsOnItsLease]);
      expect(await grantedTo(operator, 'default')).toEqual([]);
      const url = async (namespace: string) =>
        await run('get', 'secret', 'team-mailers-redis', '-n', namespace, '--output=jsonpath={.data.url}');
      expect(await url('sales')).toBe(await url('teams'));
      expect(
        await run('get', 'secret', 'team-mailers-redis', '-n', 'sales', '--output=jsonpath={.data}'),
      ).not.toContain('password');
    });

    it('in namespaces only, gives the operator what it needs to work there', async () => {
      const redis = await startRedis();
      const operator = await startInstalledOperator({
        kubeconfig: plane.kubeconfig,
        dir: scratch,
        redisUrl: redis.url,
        namespace: 'teams',
        account: 'team-mailers-operator',
        environment: { MAILERS_WATCH_NAMESPACES: 'marketing,sales', MAILERS_WATCH_SECRETS: 'false' },
      });
      try {
        const manifests = [mailboxManifest(), poolManifest(), templateManifest(), campaignManifest()];
        const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
        await kubectl(plane.kubeconfig, ['apply', '--namespace=sales', '--filename=-'], { input });
        const deployment = [
          'get',
          'deployment,networkpolicy,poddisruptionbudget',
          '-n',
          'sales',
          '-o',
          'name',
        ];
        await waitUntil(
          'the senders are made',
          async () => (await run(...deployment)).split('\n').length === 4,
          { timeoutMs: 30_000 },
        );
        const codes = await answerCodes(operator);
        expect(codes).toContain('200');
        expect([...codes].filter((code) => code === '401' || code === '403')).toEqual([]);
      } finally {
        await operator.stop();
        await redis.stop();
      }
    });

    it('leaves the CRDs, and with them all resources, when it is uninstalled', async () => {
      await helm(['uninstall', release.name, '--namespace', release.namespace, '--wait'], plane.kubeconfig);
      expect((await run('get', 'crd', '--output=name')).trim().split('\n')).toHaveLength(kinds.length);
      const left = await inRelease('get', 'deployment,statefulset,service,secret', '--output=name');
      expect(left).toBe('secret/mailers-redis\n');
    });

    it('goes on with the password that running senders have, when it is installed again', async () => {
      const password = () => inRelease('get', 'secret', 'mailers-redis', '--output=jsonpath={.data}');
      const before = await password();
      await install(release.name, release.namespace);
      expect(await password()).toBe(before);
    });
  },
);

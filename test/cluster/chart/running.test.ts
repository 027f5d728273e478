import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { borrowCluster, type TestCluster } from '../cluster.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { waitUntil } from '../process/wait-until.ts';
import { chartFolder, helm } from './helm.ts';

const reason = await reasonToSkip('cluster');
const namespace = `chart-running-${process.pid}`;
const release = 'trial';
const [operator, redis] = [`deployment/${release}-mailers-operator`, `statefulset/${release}-mailers-redis`];

describe.skipIf(reason !== undefined)(
  `the chart with pods${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 180_000 },
  () => {
    let cluster: TestCluster;
    let giveBack: () => Promise<void>;

    const run = async (...args: string[]) => await kubectl(cluster.kubeconfig, ['-n', namespace, ...args]);
    const inRedis = async (script: string) =>
      (
        await run(
          'exec',
          redis,
          '--',
          'sh',
          '-c',
          `export REDISCLI_AUTH=$(cat /run/redis-secret/password); ${script}`,
        )
      ).trim();

    beforeAll(async () => {
      ({ cluster, giveBack } = await borrowCluster((line) => process.stderr.write(`${line}\n`)));
      await run('apply', '--server-side', '--force-conflicts', '--kustomize', join(checkout, 'crds'));
      await run('create', 'namespace', namespace);
      await run('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
      const [repository, tag] = cluster.image.split(':');
      const values = [
        `image.repository=${repository},image.tag=${tag}`,
        'crds.enabled=false,rbac.aggregateToUserRoles=false',
        `operator.watchNamespaces={${namespace}}`,
      ];
      const settings = values.flatMap((value) => ['--set', value]);
      const arguments_ = ['install', release, chartFolder, '--namespace', namespace, ...settings];
      await helm([...arguments_, '--wait', '--timeout', '180s'], cluster.kubeconfig);
    }, 3_600_000);

    afterAll(async () => {
      await helm(['uninstall', release, '--namespace', namespace], cluster.kubeconfig);
      await run('delete', 'namespace', namespace, '--wait=false');
      await giveBack();
    }, 180_000);

    it('has two ready operators, one of which leads', async () => {
      expect(await run('get', operator, '--output=jsonpath={.status.readyReplicas}')).toBe('2');
      const holder = await waitUntil(
        'one leads',
        async () => await run('get', 'lease', 'mailers-operator', '--output=jsonpath={.spec.holderIdentity}'),
        { timeoutMs: 30_000 },
      );
      const pods = await run('get', 'pods', '--output=jsonpath={.items[*].metadata.name}');
      expect(pods.split(' ')).toContain(holder.split('_')[0]);
    });

    it('asks its Redis to keep everything, and lets nobody in without the password', async () => {
      expect(await inRedis('redis-cli config get appendonly maxmemory-policy')).toContain('noeviction');
      expect(await inRedis('redis-cli config get appendonly')).toBe('appendonly\nyes');
      expect(await inRedis('unset REDISCLI_AUTH; redis-cli ping 2>&1')).toContain('NOAUTH');
    });

    it('shows the password of Redis neither in arguments nor in the environment', async () => {
      const seen = await inRedis('tr "\\0" " " < /proc/1/cmdline; tr "\\0" " " < /proc/1/environ');
      expect(seen).toContain('redis-server');
      expect(seen).not.toContain(await inRedis('cat /run/redis-secret/password'));
    });

    it('keeps what Redis was told when its pod goes', async () => {
      await inRedis('redis-cli set told kept');
      const pod = `${redis.replace('statefulset', 'pod')}-0`;
      const identity = async () => await run('get', pod, '--output=jsonpath={.metadata.uid}');
      const before = await identity();
      await run('delete', pod);
      await run('rollout', 'status', redis, '--timeout=120s');
      expect(await identity()).not.toBe(before);
      expect(await inRedis('redis-cli get told')).toBe('kept');
    });

    it('has operators that find Redis again', async () => {
      await run('wait', '--for=condition=Available', operator, '--timeout=60s');
      expect(await run('get', operator, '--output=jsonpath={.status.readyReplicas}')).toBe('2');
    });

    it('runs with a root that cannot be written, as nobody', async () => {
      expect(await inRedis('id -u; touch /here 2>&1 || true')).toMatch(/^999\n.*Read-only file system/);
      const inOperator = await run('exec', operator, '--', 'sh', '-c', 'id -u; touch /here 2>&1 || true');
      expect(inOperator).toMatch(/^65532\n.*Read-only file system/);
    });
  },
);

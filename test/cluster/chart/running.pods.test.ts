import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBinaries } from '../binaries.ts';
import { borrowCluster, type TestCluster } from '../cluster.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { waitUntil } from '../process/wait-until.ts';
import { clusterCommands, runAsWritten } from '../readme-commands.ts';
import { helm, release } from './helm.ts';

const bomSchema = z.object({
  bomFormat: z.string(),
  components: z.array(z.object({ name: z.string(), version: z.string() })),
});
const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

const reason = await reasonToSkip('cluster');
const { namespace } = release;
const [operator, redis] = [`deployment/${release.name}-operator`, `statefulset/${release.name}-redis`];
const restricted = 'pod-security.kubernetes.io/enforce';
/** The test cluster has the image already. */
const commands = (await clusterCommands()).filter((command) => !command.startsWith('docker build'));

describe.skipIf(reason !== undefined)(
  `the README on a cluster${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 240_000 },
  () => {
    let cluster: TestCluster;
    let giveBack: () => Promise<void>;
    /** What each command of the README printed. */
    const said = new Map<string, string>();

    const run = async (...args: string[]) => await kubectl(cluster.kubeconfig, ['-n', namespace, ...args]);
    const inDefault = async (...args: string[]) => await kubectl(cluster.kubeconfig, args);
    const saidBy = (start: string) => [...said].find(([command]) => command.startsWith(start))?.[1] ?? '';
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
    /** Conditions are written first, counters when there is room. */
    const untilCountersAgree = async () => {
      const sum = async (kinds: string) => {
        const counts = await inDefault('get', kinds, '--output=jsonpath={.items[*].status.delivered}');
        return counts.split(' ').reduce((total, count) => total + Number(count), 0);
      };
      await waitUntil(
        'mailboxes and relay account for the campaign',
        async () => (await sum('mb,esp')) === (await sum('camp')),
        {
          timeoutMs: 30_000,
        },
      );
    };
    /** Takes away the release, also the one that `npm run cluster:up` made. */
    const uninstall = async () => {
      await helm(
        ['uninstall', release.name, '--namespace', namespace, '--ignore-not-found'],
        cluster.kubeconfig,
      );
      await inDefault('delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s');
    };

    beforeAll(async () => {
      ({ cluster, giveBack } = await borrowCluster((line) => process.stderr.write(`${line}\n`)));
      await ensureBinaries(['helm']);
      await uninstall();
      await inDefault('label', 'namespace', 'default', `${restricted}=restricted`, '--overwrite');
    }, 3_600_000);

    afterAll(async () => {
      await inDefault('label', 'namespace', 'default', `${restricted}-`);
      await uninstall();
      await giveBack();
    }, 180_000);

    it.each(commands)('works as it is written: %s', async (command) => {
      said.set(command, await runAsWritten(command, cluster.kubeconfig));
      if (command.startsWith('kubectl wait')) await untilCountersAgree();
    });

    it('shows in the tables who is ready, used/cap, state, progress and overflow', () => {
      const table = saidBy('kubectl get mb,esp,sp,sl,tpl,camp');
      expect(table).toMatch(/mailbox\S*\/anna +anna@\S+ +True +QuotaExhausted +120\/120 +\d+/);
      expect(table).toMatch(/mailbox\S*\/carla +carla@\S+ +True +QuotaExceededAtProvider/);
      expect(table).toMatch(/emailserviceprovider\S*\/relay +SMTP +True +Ready +(\d+) +\1 /);
      expect(table).toMatch(/sendingpool\S*\/newsletter +Marketing +True +1 /);
      expect(table).toMatch(/suppressionlist\S*\/opted-out +True +4 /);
      expect(table).toMatch(/template\S*\/spring-roast .* True +\d+/);
      expect(table).toMatch(/campaign\S*\/spring-roast +newsletter +True +Complete +100% +\d+ +\d+ +7 /);
      expect(saidBy('kubectl get mb,esp,sp,sl,tpl,camp -o wide')).toContain('550 5.4.5 Daily user sending');
    });

    it('reports what the providers saw', () => {
      const { accounts } = JSON.parse(saidBy('kubectl get --raw')) as {
        accounts: { account: string; acceptedMessages: number; disconnects: number }[];
      };
      // One recipient's message is accepted, but the connection is cut instead of the 250: it is Uncertain, whichever account it drew.
      const accepted = new Map(
        accounts.map(({ account, acceptedMessages, disconnects }) => [
          account,
          acceptedMessages - disconnects,
        ]),
      );
      const table = saidBy('kubectl get mb');
      const [, byAnna] = /\/anna +.* 120\/120 +(\d+)/.exec(table) ?? [];
      const [, relayed] = /\/relay +SMTP +True +Ready +(\d+)/.exec(table) ?? [];
      expect(accepted.get('anna@harbour-coffee.example')).toBe(Number(byAnna));
      expect(accepted.get('apikey')).toBe(Number(relayed));
    });

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

    it('changes nothing when the same is applied a second time', async () => {
      await runAsWritten('kubectl apply -k examples/kubernetes', cluster.kubeconfig);
      const again = await runAsWritten('kubectl apply -k examples/kubernetes', cluster.kubeconfig);
      // A Secret is always said to be configured: stringData is not stored as it is written.
      expect(again.split('\n').filter((line) => !/^secret|unchanged$|^$/.test(line))).toEqual([]);
      await runAsWritten('kubectl apply -f examples/autoscaling/hpa.yaml', cluster.kubeconfig);
      await inDefault('wait', 'hpa/newsletter', '--for=condition=AbleToScale', '--timeout=60s');
      await runAsWritten('kubectl delete -f examples/autoscaling/hpa.yaml', cluster.kubeconfig);
      await runAsWritten('kubectl delete -k examples/kubernetes', cluster.kubeconfig);
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

    it('lists in its image what it is made of', async () => {
      const list = await run('exec', operator, '--', 'cat', 'sbom.cdx.json');
      const { bomFormat, components } = bomSchema.parse(JSON.parse(list));
      const manifest = await readFile(join(checkout, 'package.json'), 'utf8');
      const { dependencies } = manifestSchema.parse(JSON.parse(manifest));
      expect(bomFormat).toBe('CycloneDX');
      const listed = components.map(({ name, version }) => `${name} ${version}`);
      const wanted = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
      expect(listed).toEqual(expect.arrayContaining(wanted));
    });
  },
);

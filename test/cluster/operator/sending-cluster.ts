import { expect } from 'vitest';
import { KINDS } from '../../../controller/api/kinds.ts';
import { buildReport } from '../../../controller/domain/status/build-report.ts';
import type { RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { readPool } from '../../../controller/operator/facts/pool-facts.ts';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { startSandbox, type Sandbox } from '../../../controller/sandbox/sandbox.ts';
import { expectInvariants } from '../../invariants/check-invariants.ts';
import type { Evidence } from '../../invariants/evidence.ts';
import { kstatusFaults } from '../../invariants/kstatus.ts';
import { readAttempts } from '../../invariants/read-evidence.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';
import { chartFolder, helm, release } from '../chart/helm.ts';
import { borrowCluster } from '../cluster.ts';
import { kubectl } from '../kubectl.ts';
import { addresses } from '../native/addresses.ts';
import type { Document, Shown } from './operator-world.ts';

const DAY_MS = 86_400_000;
/** Name of the Secret with the URL of the ledger. */
const REDIS_SECRET = 'ledger';
const CA_SECRET = 'provider-ca';
const RELEASE_NAMESPACE = release.namespace;

/** A cluster with the operator installed by the chart, and beside it, on this machine, a Redis and the providers. */
export interface SendingCluster {
  readonly sandbox: Sandbox;
  readonly redis: RedisServer;
  readonly ledger: RedisLedger;
  /** Where the providers listen, with their certificate in a Secret. */
  smtp(port: number): object;
  run(...args: string[]): Promise<string>;
  /** A namespace with what the pods need, and these objects. */
  apply(namespace: string, documents: readonly Document[]): Promise<void>;
  /** Holds the design's invariants against what was sent by the pools named `pool`, and the statuses against the rules of kstatus. */
  expectInvariants(namespace: string, known?: Pick<Evidence, 'pauses' | 'suppressions'>): Promise<void>;
  end(): Promise<void>;
}

export async function startSendingCluster(config: SandboxConfigInput): Promise<SendingCluster> {
  const { cluster, giveBack } = await borrowCluster((line) => process.stderr.write(`${line}\n`));
  const { host } = addresses;
  const messages = { max: 1_000_000, windowSeconds: 60 };
  const [redis, sandbox] = await Promise.all([
    startRedis({ bind: `127.0.0.1 ${host}`, 'protected-mode': 'no' }),
    startSandbox({
      ...config,
      host,
      certificateHosts: [host],
      limits: { messages, logins: messages },
      relayLimits: { messages, logins: messages },
    }),
  ]);
  const ledger = await openRedisLedger({ url: redis.url, prefix: 'mailers:' });
  const redisUrl = `redis://${host}:${redis.port}`;
  const run = (...args: string[]) => kubectl(cluster.kubeconfig, args);
  const applyTo = (namespace: string, documents: readonly Document[]) =>
    kubectl(cluster.kubeconfig, ['apply', '--namespace', namespace, '--filename', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents }),
    });
  const namespaces: string[] = [];
  const surroundings = [
    secret(REDIS_SECRET, { url: redisUrl }),
    secret(CA_SECRET, { 'ca.crt': sandbox.caCertificate }),
  ];
  const makeNamespace = async (namespace: string) => {
    if (namespaces.includes(namespace)) return;
    await run('create', 'namespace', namespace);
    await run('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
    namespaces.push(namespace);
    await applyTo(namespace, surroundings);
  };
  await makeNamespace(RELEASE_NAMESPACE);
  await helm(
    ['upgrade', '--install', release.name, chartFolder, '--namespace', RELEASE_NAMESPACE, ...values()],
    cluster.kubeconfig,
  );
  const rollout = ['deployment/mailers-operator', '--namespace', RELEASE_NAMESPACE, '--timeout=120s'];
  await run('rollout', 'status', ...rollout);
  return {
    sandbox,
    redis,
    ledger,
    run,
    smtp: (port) => ({ host, port, tls: 'StartTls', caSecretRef: { name: CA_SECRET } }),
    apply: async (namespace, documents) => {
      await makeNamespace(namespace);
      await applyTo(namespace, documents);
    },
    expectInvariants: async (namespace, known = {}) => {
      expectInvariants({ ...(await evidenceOf(sandbox, ledger, namespace)), ...known });
      await expectStatuses(run, namespace);
    },
    end: async () => {
      for (const namespace of namespaces.filter((name) => name !== RELEASE_NAMESPACE))
        await run('delete', 'namespace', namespace, '--wait=false');
      await helm(['uninstall', release.name, '--namespace', RELEASE_NAMESPACE], cluster.kubeconfig);
      // Waits until it is gone: the next test file on this cluster makes it again.
      await kubectl(cluster.kubeconfig, ['delete', 'namespace', RELEASE_NAMESPACE, '--timeout=150s'], {
        timeoutMs: 160_000,
      });
      await ledger.close();
      await Promise.all([sandbox.stop(), redis.stop()]);
      await giveBack();
    },
  };
}

function values(): string[] {
  return [
    'redis.enabled=false',
    `redis.existingSecret=${REDIS_SECRET}`,
    'networkPolicy.enabled=false',
    'operator.logLevel=debug',
  ].flatMap((value) => ['--set', value]);
}

export function secret(name: string, stringData: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

/** What the wire, the records and the ledger say of one namespace's pool. */
async function evidenceOf(sandbox: Sandbox, ledger: RedisLedger, namespace: string): Promise<Evidence> {
  const key = { namespace, pool: 'pool' };
  const plan = await ledger.plans.read(key);
  if (plan === undefined) throw new Error(`there is no plan of the pool in ${namespace}`);
  const { facts } = await readPool(ledger, plan, undefined);
  const accounts = new Set(plan.mailboxes.map(({ address }) => address));
  return {
    wireLog: sandbox.wireLog.transactions().filter(({ account }) => accounts.has(account)),
    attempts: await readAttempts(ledger.reports, key),
    report: buildReport([facts], await ledger.now()),
    caps: plan.mailboxes.map(({ address, cap }) => ({ account: address, recipients: cap })),
    windowMs: DAY_MS,
  };
}

async function expectStatuses(run: SendingCluster['run'], namespace: string): Promise<void> {
  const kinds = Object.values(KINDS).map(({ plural }) => `${plural}.mailers.io`);
  const list = await run('get', kinds.join(','), '--namespace', namespace, '-o', 'json');
  for (const object of (JSON.parse(list) as { items: Shown[] }).items)
    expect(kstatusFaults(object), `${object.kind} ${object.metadata.name}`).toEqual([]);
}

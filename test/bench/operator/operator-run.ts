import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Transport } from '../../../controller/operator/kube/transport.ts';
import { openRedisLedger, type RedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { imageCommand } from '../../cluster/image-command.ts';
import { MAIN, startOperator, type OperatorProcess } from '../../cluster/operator/operator-process.ts';
import { runCommand } from '../../cluster/process/command.ts';
import { startRedis } from '../../redis/redis-server.ts';
import type { Figures } from './figures.ts';
import type { BenchObjects } from './objects.ts';
import { costOf } from './process-cost.ts';

const PREFIX = 'bench';
const IDLE_SECONDS = 30;
const POLL_MS = 1_000;
/** More than any API server here takes: until so many could have been written, nobody need ask. */
const MOST_WRITES_PER_SECOND = 1_000;
/** Longest that anybody waits for the end. */
const MOST_SECONDS = 300;

interface Conditioned {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Measures from the start of the process until every Mailbox and SendingPool is Ready, then while nothing changes. */
export async function runOperator(
  plane: ControlPlane,
  transport: Transport,
  objects: BenchObjects,
): Promise<Figures> {
  const redis = await startRedis();
  const ledger = await openRedisLedger({ url: redis.url, prefix: `${PREFIX}:` });
  await logIn(ledger, objects);
  const dir = dirname(plane.auditLog);
  const compileCache = await compiledBefore(dir);
  const began = performance.now();
  const place = { dir, kubeconfig: plane.kubeconfig, redisUrl: redis.url };
  const operator = await startOperator({ ...place, ledgerPrefix: PREFIX }, 'operator', {
    MAILERS_LOG_LEVEL: 'warn',
    NODE_COMPILE_CACHE: compileCache,
  });
  const playing = new AbortController();
  const kubelet = playKubelet(transport, objects, playing.signal);
  try {
    const pid = operator.pid();
    if (pid === undefined) throw new Error('the operator has ended');
    const seconds = await untilReady(operator, transport, { objects, began });
    playing.abort();
    await kubelet;
    const cost = await costOf(pid);
    const requests = await requestsOf(operator);
    const idle = await idleCost(operator, pid);
    return {
      name: 'mailers',
      objects: objects.mailboxes + objects.pools.length,
      seconds,
      cpuSeconds: cost.cpuSeconds,
      requests: sum(requests),
      requestsByVerb: shown(requests),
      rssMegabytes: cost.rssMegabytes,
      mostRssMegabytes: cost.mostRssMegabytes,
      ...idle,
    };
  } finally {
    playing.abort();
    await operator.stop();
    await ledger.close();
    await redis.stop();
  }
}

/** As the image is built: what is run was compiled once. */
async function compiledBefore(dir: string): Promise<string> {
  const compileCache = join(dir, 'compile-cache');
  const { flags } = imageCommand();
  await runCommand(process.execPath, [...flags, MAIN, '--help'], {
    env: { NODE_COMPILE_CACHE: compileCache },
  });
  return compileCache;
}

/** Plays the senders: each holds its pool's lanes and has logged in. */
async function logIn(ledger: RedisLedger, { namespace, pools }: BenchObjects): Promise<void> {
  for (const { name, routes } of pools) {
    await ledger.lanes.share(
      { namespace, pool: name, senderId: 'bench' },
      {
        leaseMs: 3_600_000,
        routes,
        busy: [],
        states: routes.map((route) => ({ route, reason: 'Connected', message: '' })),
      },
    );
  }
}

/** Plays the kubelet: pods are ready as soon as there is a Deployment. */
async function playKubelet(transport: Transport, objects: BenchObjects, signal: AbortSignal): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${objects.namespace}/deployments`;
  const ready = new Set<string>();
  const status = { replicas: 1, readyReplicas: 1, updatedReplicas: 1, availableReplicas: 1 };
  while (!signal.aborted && ready.size < objects.pools.length) {
    const { items } = await transport.call<{ items: Conditioned[] }>({
      operation: 'list',
      method: 'GET',
      path,
    });
    for (const { metadata } of items.filter((item) => !ready.has(item.metadata.name))) {
      ready.add(metadata.name);
      await transport.send({
        operation: 'patch',
        method: 'PATCH',
        path: `${path}/${metadata.name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status },
      });
    }
    await pause(250);
  }
}

/**
 * The operator's own count of writes; a list at the end says whether it is true. Each question costs an operator of 10,000 objects some 30 ms,
 * and a metrics server would ask twice a minute: the further the end, the later comes the next.
 */
async function untilReady(
  operator: OperatorProcess,
  transport: Transport,
  { objects, began }: { readonly objects: BenchObjects; readonly began: number },
): Promise<number> {
  const wanted = objects.mailboxes + objects.pools.length;
  let seen = { writes: -1, atMs: began };
  while (performance.now() - began < MOST_SECONDS * 1_000) {
    const writes = (await requestsOf(operator)).get('PATCH') ?? 0;
    if (writes !== seen.writes) seen = { writes, atMs: performance.now() };
    const isQuiet = performance.now() - seen.atMs > 2_500;
    if (isQuiet && writes >= wanted && (await readyCount(transport, objects)) === wanted) {
      return (seen.atMs - began) / 1_000;
    }
    await pause(Math.max(POLL_MS, ((wanted - writes) / MOST_WRITES_PER_SECOND) * 1_000));
  }
  throw new Error(
    `only ${await readyCount(transport, objects)} of ${wanted} are Ready: ${await operator.account()}`,
  );
}

async function readyCount(transport: Transport, { namespace }: BenchObjects): Promise<number> {
  const lists = await Promise.all(
    ['mailboxes', 'sendingpools'].map((plural) =>
      transport.call<{ items: Conditioned[] }>({
        operation: 'list',
        method: 'GET',
        path: `/apis/mailers.io/v1alpha1/namespaces/${namespace}/${plural}`,
      }),
    ),
  );
  const isReady = ({ status }: Conditioned): boolean =>
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
    false;
  return lists.flatMap(({ items }) => items).filter(isReady).length;
}

async function idleCost(
  operator: OperatorProcess,
  pid: number,
): Promise<{ idleShare: number; idleRequests: string }> {
  const [before, requestsBefore] = [await costOf(pid), await requestsOf(operator)];
  await pause(IDLE_SECONDS * 1_000);
  const [after, requestsAfter] = [await costOf(pid), await requestsOf(operator)];
  const differences = new Map(
    [...requestsAfter].map(([verb, count]) => [verb, count - (requestsBefore.get(verb) ?? 0)]),
  );
  return {
    idleShare: (after.cpuSeconds - before.cpuSeconds) / IDLE_SECONDS,
    idleRequests: `${shown(differences)} in ${IDLE_SECONDS} s (PUT renews the lease)`,
  };
}

/** Requests that ended, by method. */
async function requestsOf(operator: OperatorProcess): Promise<Map<string, number>> {
  const metrics = await (await fetch(`${operator.healthUrl}/metrics`)).text();
  const requests = new Map<string, number>();
  for (const [, method = '', count] of metrics.matchAll(
    /^rest_client_requests_total\{method="(\w+)",[^}]*\} (\d+)/gm,
  )) {
    requests.set(method, (requests.get(method) ?? 0) + Number(count));
  }
  return requests;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, one) => total + one, 0);
}

function shown(counts: ReadonlyMap<string, number>): string {
  const some = [...counts].filter(([, count]) => count > 0);
  return some.length === 0 ? 'none' : some.map(([verb, count]) => `${verb} ${count}`).join(', ');
}

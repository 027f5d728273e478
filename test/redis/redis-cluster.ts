import { Redis } from 'ioredis';
import { freePorts } from '../cluster/process/free-port.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis } from './redis-program.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

const SLOTS = 16_384;

/** Primaries that share the slots, without replicas, on loopback. */
export interface RedisCluster {
  /** For the ledger: `redis+cluster://…`. */
  readonly url: string;
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts a cluster and resolves when every node serves it. */
export async function startRedisCluster(size: number): Promise<RedisCluster> {
  // Unless given, the port of the cluster's bus is 10,000 above the other, which may not exist or be taken.
  const busPorts = await freePorts('127.0.0.1', size);
  const nodes = await Promise.all(busPorts.map(startNode));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    await join(nodes, busPorts);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis+cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`, nodes, stop };
}

/** Adds a node that copies one of the primaries; resolves when it has all. */
export async function addReplica(primary: RedisServer): Promise<RedisServer> {
  const [busPort = 0] = await freePorts('127.0.0.1', 1);
  const replica = await startNode(busPort);
  const [, primaryBus] = /@(\d+)\S* myself/.exec(await askRedis(primary.port, 'CLUSTER NODES')) ?? [];
  const [id] = /[0-9a-f]{40}/.exec(await askRedis(primary.port, 'CLUSTER MYID')) ?? [];
  await command(replica, `CLUSTER MEET 127.0.0.1 ${primary.port} ${primaryBus}`);
  const isReplica = async () => (await askRedis(replica.port, `CLUSTER REPLICATE ${id}`)).startsWith('+OK');
  await waitUntil('the replica knows its primary', isReplica, { timeoutMs: 20_000, intervalMs: 50 });
  const hasAll = async () =>
    (await askRedis(replica.port, 'INFO replication')).includes('master_link_status:up');
  await waitUntil('the replica has all', hasAll, { timeoutMs: 20_000, intervalMs: 50 });
  return replica;
}

function startNode(busPort: number): Promise<RedisServer> {
  return startRedis({
    'cluster-enabled': true,
    'cluster-config-file': 'nodes.conf',
    'cluster-node-timeout': 2_000,
    'cluster-port': busPort,
  });
}

async function join(nodes: readonly RedisServer[], busPorts: readonly number[]): Promise<void> {
  const share = Math.ceil(SLOTS / nodes.length);
  const [first] = nodes;
  for (const [index, node] of nodes.entries()) {
    const last = Math.min((index + 1) * share, SLOTS) - 1;
    await command(node, `CLUSTER ADDSLOTSRANGE ${index * share} ${last}`);
    if (first !== undefined && node !== first) {
      await command(node, `CLUSTER MEET 127.0.0.1 ${first.port} ${busPorts[0]}`);
    }
  }
  const isServed = async (): Promise<boolean> => {
    const answers = await Promise.all(nodes.map((node) => askRedis(node.port, 'CLUSTER INFO')));
    return answers.every(
      (info) => info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`),
    );
  };
  await waitUntil('the Redis Cluster serves all slots', isServed, { timeoutMs: 30_000, intervalMs: 50 });
}

async function command(node: RedisServer, line: string): Promise<void> {
  const answer = await askRedis(node.port, line);
  if (!answer.startsWith('+OK')) throw new Error(`${line}: ${answer}`);
}

export interface MovedSlot {
  readonly from: RedisServer;
  readonly to: RedisServer;
  /** Awaited while its keys are there already, and every node still calls it the first one's. */
  readonly halfWay?: () => Promise<unknown>;
}

/** Moves a slot with all its keys to another primary, as `redis-cli --cluster reshard` does it. */
export async function moveSlot(
  { nodes }: Pick<RedisCluster, 'nodes'>,
  slot: number,
  { from, to, halfWay }: MovedSlot,
): Promise<void> {
  const [source, target] = [new Redis(from.url), new Redis(to.url)];
  try {
    const [sourceId, targetId] = [await source.cluster('MYID'), await target.cluster('MYID')];
    await target.cluster('SETSLOT', slot, 'IMPORTING', sourceId);
    await source.cluster('SETSLOT', slot, 'MIGRATING', targetId);
    const keys = await source.cluster('GETKEYSINSLOT', slot, 10_000);
    if (keys.length > 0) await source.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
    await halfWay?.();
    for (const node of [to, from, ...nodes.filter((other) => other !== to && other !== from)]) {
      await command(node, `CLUSTER SETSLOT ${slot} NODE ${targetId}`);
    }
  } finally {
    source.disconnect();
    target.disconnect();
  }
}

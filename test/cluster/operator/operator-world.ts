import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KINDS } from '../../../controller/api/kinds.ts';
import { API_GROUP, API_VERSION, type KindName } from '../../../controller/api/resource-kind.ts';
import type { Ledger } from '../../../controller/domain/ports/ledger.ts';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { systemClock } from '../../../controller/operator/kube/clock.ts';
import { accessFromKubeconfig } from '../../../controller/operator/kube/kube-config.ts';
import { Transport } from '../../../controller/operator/kube/transport.ts';
import type { KubeObject } from '../../../controller/operator/kube/resource.ts';
import { kstatusFaults } from '../../invariants/kstatus.ts';
import { startRedis, type RedisServer } from '../../redis/redis-server.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { kubectl } from '../kubectl.ts';
import { waitUntil } from '../process/wait-until.ts';
import { startOperator, type OperatorProcess } from './operator-process.ts';

/** The CRDs as they are now. */
export const CRDS = fileURLToPath(new URL('../../../crds', import.meta.url));

export interface ShownCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Any object as the API server shows it. */
export interface Shown extends KubeObject {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: { readonly conditions?: readonly ShownCondition[] } & Readonly<Record<string, unknown>>;
}

/** Something to apply, as a person writes it. */
export interface Document {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** A real API server with the CRDs, a Redis, and operators as processes of their own. */
export interface OperatorWorld {
  readonly plane: ControlPlane;
  readonly redis: RedisServer;
  readonly ledger: Ledger;
  readonly operators: OperatorProcess[];
  startOperator(name: string, environment?: Readonly<Record<string, string>>): Promise<OperatorProcess>;
  /** kubectl with these arguments. */
  run(...args: string[]): Promise<string>;
  /** `kubectl apply` into a namespace, made when it is not there. */
  apply(namespace: string, documents: readonly Document[], ...args: string[]): Promise<string>;
  /** One of our objects, or an object of a built-in path such as `apps/v1/deployments`; undefined when it is not there. */
  get(namespace: string, what: KindName | `${string}/${string}`, name: string): Promise<Shown | undefined>;
  /** Waits until the object fulfils the condition; a status that breaks the kstatus rules fails at once. */
  until(what: Place, condition: (object: Shown) => boolean, timeoutMs?: number): Promise<Shown>;
  /** Requests that changed something, as the audit log has them: `verb resource/subresource namespace/name`. */
  writes(): Promise<string[]>;
  /** The same, as soon as no more come. */
  settledWrites(): Promise<string[]>;
  /** @throws when any status breaks the rules that kubectl, Flux and Argo CD go by */
  checkStatuses(): Promise<void>;
  stop(): Promise<void>;
}

interface Place {
  readonly namespace: string;
  readonly kind: KindName | `${string}/${string}`;
  readonly name: string;
}

export const LEDGER_PREFIX = 'operator-test';
/** Longest that a change may take to show. */
const PATIENCE_MS = 30_000;
const WRITING_VERBS: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);

/** @param crds folder of the CRDs to begin with; default: the present ones */
export async function startOperatorWorld({
  crds = CRDS,
  ...options
}: { controllers?: true; crds?: string } = {}): Promise<OperatorWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'operator-world-'));
  const [plane, redis] = await Promise.all([
    startControlPlane({ dir, audit: true, ...options }),
    // As a ledger is to be kept: the pools' conditions speak of it.
    startRedis({ appendfsync: 'everysec' }),
  ]);
  const run = (...args: string[]) => kubectl(plane.kubeconfig, args);
  await run('apply', '-k', crds);
  await run('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
  const access = await accessFromKubeconfig([plane.kubeconfig]);
  const transport = new Transport({ access, clock: systemClock, random: Math.random, userAgent: 'test' });
  const ledger = await openRedisLedger({ url: redis.url, prefix: `${LEDGER_PREFIX}:` });
  const operators: OperatorProcess[] = [];
  const namespaces = new Set(['default']);
  const get: OperatorWorld['get'] = async (namespace, what, name) => {
    const path = what in KINDS ? `${API_GROUP}/${API_VERSION}/${KINDS[what as KindName].plural}` : what;
    const [group, ...rest] = path.split('/');
    const root = rest.length === 1 ? `/api/${group}` : `/apis/${group}/${rest[0]}`;
    const plural = rest.at(-1) ?? '';
    return await transport
      .call<Shown>({
        operation: `get ${what}`,
        method: 'GET',
        path: `${root}/namespaces/${namespace}/${plural}/${name}`,
      })
      .catch((error: { status?: number }) => {
        if (error.status === 404) return undefined;
        throw error;
      });
  };
  return {
    plane,
    redis,
    ledger,
    operators,
    run,
    get,
    startOperator: async (name, environment) => {
      const place = { dir, kubeconfig: plane.kubeconfig, redisUrl: redis.url, ledgerPrefix: LEDGER_PREFIX };
      const operator = await startOperator(place, name, environment);
      operators.push(operator);
      return operator;
    },
    apply: async (namespace, documents, ...args) => {
      if (!namespaces.has(namespace)) await run('create', 'namespace', namespace);
      namespaces.add(namespace);
      const items = { apiVersion: 'v1', kind: 'List', items: documents };
      return await kubectl(
        plane.kubeconfig,
        ['apply', '--namespace', namespace, '--filename', '-', ...args],
        {
          input: JSON.stringify(items),
        },
      );
    },
    until: (place, condition, timeoutMs = PATIENCE_MS) =>
      untilShown(get, place, { condition, timeoutMs }).catch(async (error: Error) => {
        const said = (await Promise.all(operators.map((operator) => operator.account()))).join('\n');
        throw new Error(`${error.message}\n${said}`, { cause: error });
      }),
    writes: () => writesIn(plane.auditLog),
    settledWrites: () => settled(() => writesIn(plane.auditLog)),
    checkStatuses: async () => {
      const kinds = Object.values(KINDS).map(({ plural }) => `${plural}.${API_GROUP}`);
      const list = await run('get', kinds.join(','), '--all-namespaces', '-o', 'json');
      for (const object of (JSON.parse(list) as { items: Shown[] }).items) checkStatus(object);
    },
    stop: async () => {
      await Promise.all(operators.map((operator) => operator.stop()));
      await transport.close();
      await ledger.close();
      await Promise.all([plane.stop(), redis.stop()]);
      await rm(dir, { recursive: true });
    },
  };
}

async function untilShown(
  get: OperatorWorld['get'],
  { namespace, kind, name }: Place,
  { condition, timeoutMs }: { condition: (object: Shown) => boolean; timeoutMs: number },
): Promise<Shown> {
  let last: Shown | undefined;
  return await waitUntil(
    `${kind} ${namespace}/${name}`,
    async () => {
      last = await get(namespace, kind, name);
      if (last === undefined) return false;
      if (kind in KINDS) checkStatus(last);
      return condition(last) && last;
    },
    { timeoutMs },
  ).catch((error: unknown) => {
    throw new Error(`${kind} ${name} is not as expected: ${JSON.stringify(last?.status)}`, { cause: error });
  });
}

/** @throws when a status breaks the rules that kubectl, Flux and Argo CD go by */
function checkStatus(object: Shown): void {
  // What nobody has looked at yet says so by its observedGeneration, and nothing else.
  if (object.status?.conditions === undefined) return;
  const faults = kstatusFaults(object);
  if (faults.length > 0) {
    throw new Error(
      `${object.kind} ${object.metadata.name}: ${faults.join('; ')}: ${JSON.stringify(object.status)}`,
    );
  }
}

interface AuditEvent {
  readonly verb: string;
  readonly userAgent?: string;
  readonly stage: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
}

async function writesIn(auditLog: string): Promise<string[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').filter((line) => line !== '');
  return lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(
      (event) =>
        event.stage === 'ResponseComplete' &&
        WRITING_VERBS.has(event.verb) &&
        (event.userAgent ?? '').startsWith('mailers-operator'),
    )
    .map(({ verb, objectRef = {} }) => {
      const { resource = '', subresource, namespace = '', name = '' } = objectRef;
      return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`} ${namespace}/${name}`;
    });
}

/** So long without a write, and nothing is under way any more. */
const QUIET_MS = 2_000;

async function settled(writes: () => Promise<string[]>): Promise<string[]> {
  let seen = { count: -1, atMs: performance.now() };
  return await waitUntil(
    'no more writes come',
    async () => {
      const now = await writes();
      const others = now.filter((write) => !write.includes(' leases '));
      if (others.length !== seen.count) seen = { count: others.length, atMs: performance.now() };
      return performance.now() - seen.atMs >= QUIET_MS && now;
    },
    { timeoutMs: 40_000 },
  );
}

/** The condition of that type. */
export function conditionOf(object: Shown, type: string): ShownCondition | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

/** For `until`: a condition of that type has that status, and that reason when one is given. */
export function has(type: string, status: string, reason?: string): (object: Shown) => boolean {
  return (object) => {
    const condition = conditionOf(object, type);
    return condition?.status === status && (reason === undefined || condition.reason === reason);
  };
}

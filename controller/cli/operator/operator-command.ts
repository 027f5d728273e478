import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import pino, { type Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Ledger } from '../../domain/ports/ledger.ts';
import { systemClock } from '../../operator/kube/clock.ts';
import { EVENT, EventRecorder, type EventObject } from '../../operator/kube/event-recorder.ts';
import { EventLoopGuard } from '../../operator/kube/event-loop-guard.ts';
import { HealthServer } from '../../operator/kube/health.ts';
import { LEASE, LeaderElector } from '../../operator/kube/leader-election.ts';
import type { Lease } from '../../operator/kube/lease-record.ts';
import { KubeMetrics } from '../../operator/kube/metrics.ts';
import { ResourceClient } from '../../operator/kube/resource-client.ts';
import { Transport } from '../../operator/kube/transport.ts';
import { LedgerRecord } from '../../operator/ledger-record.ts';
import { Operator } from '../../operator/operator.ts';
import { readConfig, readOperatorConfig, type Config, type OperatorConfig } from '../config.ts';
import { LoginRefusal } from '../login-refusal.ts';
import { readPolicy } from '../policy-file.ts';
import { importAudience } from '../run/audience-import.ts';
import { openWhenReachable } from '../run/reachable-ledger.ts';
import { abortOnSignal } from '../signals.ts';
import { clusterAccess } from './cluster-access.ts';
import { ledgerPorts } from './ledger-ports.ts';

/** The Lease that decides who leads, and the name under which Events are reported. */
const LEASE_NAME = 'mailers-operator';
/** How often the lag of the event loop is looked at: the default of 10 ms is half of what an idle operator costs. */
const EVENT_LOOP_PRECISION_MS = 100;
const CONTROLLER_NAME = 'mailers.io/operator';

/** `mailers operator`: the control plane, as it runs in the operator's pods. It never sends mail and never reads a Secret. */
export function addOperatorCommand(program: Command): void {
  program
    .command('operator')
    .description('Compile the resources of a Kubernetes cluster and run their senders (the control plane).')
    .action(runOperator);
}

async function runOperator(): Promise<void> {
  const config = { ...readConfig(), ...readOperatorConfig() };
  const log = pino({ level: config.logLevel ?? 'info', base: null });
  const refusal = new LoginRefusal(log);
  const stopping = AbortSignal.any([abortOnSignal(), refusal.signal]);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  const metrics = new KubeMetrics(registry);
  const transport = new Transport({
    access: await clusterAccess(config),
    clock: systemClock,
    random: Math.random,
    userAgent: 'mailers-operator',
    onRequest: metrics.onRequest,
  });
  const guard = new EventLoopGuard();
  const state: { operator?: Operator } = {};
  const health = new HealthServer({
    live: { 'event-loop': () => guard.check() },
    ready: { caches: () => readiness(state.operator) },
    metrics: {
      contentType: registry.contentType,
      metrics: async () => `${await registry.metrics()}${state.operator?.objectMetrics() ?? ''}`,
    },
  });
  await health.listen({ host: '0.0.0.0', port: config.healthPort });
  const namespace = config.leaseNamespace ?? transport.namespace;
  const record = new LedgerRecord({ transport, namespace, clock: systemClock, log, stopping });
  const opening = { ...(await ledgerOptions(config, record)), onLogin: refusal.note };
  const ledger = await openWhenReachable(opening, log, stopping);
  if (ledger !== undefined) {
    const operator = await compose({ config, transport, metrics, ledger, log });
    state.operator = operator;
    const end = await operator.run(stopping);
    if (end === 'Lost') process.exitCode = 1;
    await ledger.close();
  }
  if (refusal.signal.aborted) process.exitCode = 1;
  guard.stop();
  await transport.close();
  await health.close();
}

async function ledgerOptions(config: Config & OperatorConfig, record: LedgerRecord) {
  return {
    url: config.redisUrl,
    prefix: `${config.ledgerPrefix}:`,
    minReplicas: config.minReplicas,
    expected: await record.recall(),
    remember: (ids: readonly [string, ...string[]]) => record.remember(ids),
    confirmCommand: confirmCommand(config),
  };
}

/** How a person confirms a loss: in a pod, where there is a way to Redis. */
function confirmCommand({ podName, podNamespace }: Pick<OperatorConfig, 'podName' | 'podNamespace'>): string {
  // A Deployment's pod is called DEPLOYMENT-TEMPLATE-POD.
  const deployment = /^(.+)-[a-z0-9]+-[a-z0-9]+$/.exec(podName ?? '')?.[1];
  if (deployment === undefined || podNamespace === undefined) return 'mailers ledger confirm';
  return `kubectl -n ${podNamespace} exec deploy/${deployment} -- node controller/cli/main.ts ledger confirm`;
}

async function readiness(operator: Operator | undefined): Promise<string | undefined> {
  const check = operator?.readyChecks()['caches'];
  return check === undefined ? 'the ledger has not been reached yet' : await check();
}

interface Composition {
  readonly config: Config & OperatorConfig;
  readonly transport: Transport;
  readonly metrics: KubeMetrics;
  readonly ledger: Ledger;
  readonly log: Logger;
}

async function compose({ config, transport, metrics, ledger, log }: Composition): Promise<Operator> {
  const instance = config.podName ?? config.hostName;
  const common = { clock: systemClock, random: Math.random, log };
  const elector = new LeaderElector({
    leases: new ResourceClient<Lease>(transport, LEASE),
    namespace: config.leaseNamespace ?? transport.namespace,
    name: LEASE_NAME,
    identity: `${instance}_${randomUUID()}`,
    onChange: metrics.onLeadership(LEASE_NAME),
    ...common,
  });
  const recorder = new EventRecorder({
    events: new ResourceClient<EventObject>(transport, EVENT),
    controller: CONTROLLER_NAME,
    instance,
    ...common,
  });
  return new Operator({
    transport,
    ledger,
    policy: await readPolicy(),
    settings: {
      image: config.senderImage,
      redisSecret: config.senderRedisSecret,
      ledgerPrefix: config.ledgerPrefix,
      ledgerPorts: ledgerPorts(config.redisUrl),
    },
    confirmCommand: confirmCommand(config),
    importAudience: (request, content) => importAudience(ledger.audience, request, content),
    namespaces: config.watchNamespaces,
    isTellingObjects: config.isTellingObjects,
    isWatchingSecrets: config.isWatchingSecrets,
    statusWritesPerSecond: config.statusWritesPerSecond,
    observe: (name) => metrics.observe(name),
    elector,
    recorder,
    ...common,
  });
}

/**
 * The series of controller-runtime and client-go under their own names, so that dashboards and alerts made for any Go
 * operator work on this one.
 *
 *     const metrics = new KubeMetrics(registry);
 *     new Transport({ …, onRequest: metrics.onRequest });
 *     new Controller({ …, observer: metrics.observe('mailbox') });
 *     new LeaderElector({ …, onChange: metrics.onLeadership('mailers-operator') });
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ControllerObserver } from './controller.ts';
import type { RequestObserver } from './transport.ts';
import type { QueueSnapshot, WorkQueue } from './work-queue.ts';

/** controller-runtime's buckets for reconciles. */
const RECONCILE_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
/** client-go's buckets for queues: 10 ns to 1000 s by powers of ten. */
const QUEUE_SECONDS = Array.from({ length: 12 }, (_, index) => 10 ** (index - 8));

export class KubeMetrics {
  readonly #registry: Registry;
  readonly #queues = new Map<string, WorkQueue>();
  readonly #reconciles;
  readonly #errors;
  readonly #terminalErrors;
  readonly #panics;
  readonly #timeouts;
  readonly #reconcileSeconds;
  readonly #activeWorkers;
  readonly #mostWorkers;
  readonly #adds;
  readonly #retries;
  readonly #queueSeconds;
  readonly #workSeconds;
  readonly #leader;
  readonly #requests;

  constructor(registry: Registry) {
    this.#registry = registry;
    const reconcile = 'controller_runtime_reconcile';
    this.#reconciles = this.#counter(`${reconcile}_total`, 'Reconciles by how they ended', [
      'controller',
      'result',
    ]);
    this.#errors = this.#counter(`${reconcile}_errors_total`, 'Reconciles that failed', ['controller']);
    this.#terminalErrors = this.#counter(
      'controller_runtime_terminal_reconcile_errors_total',
      'Reconciles that failed and are not tried again',
      ['controller'],
    );
    this.#panics = this.#counter(`${reconcile}_panics_total`, 'Reconciles ended by our own mistakes', [
      'controller',
    ]);
    this.#timeouts = this.#counter(`${reconcile}_timeouts_total`, 'Reconciles that took too long', [
      'controller',
    ]);
    this.#reconcileSeconds = this.#histogram(`${reconcile}_time_seconds`, RECONCILE_SECONDS, ['controller']);
    this.#activeWorkers = this.#gauge('controller_runtime_active_workers', 'Reconciles in progress', [
      'controller',
    ]);
    this.#mostWorkers = this.#gauge(
      'controller_runtime_max_concurrent_reconciles',
      'Reconciles there may be at a time',
      ['controller'],
    );
    const labels = ['name', 'controller'] as const;
    this.#adds = this.#counter('workqueue_adds_total', 'Keys added to the queue', labels);
    this.#retries = this.#counter('workqueue_retries_total', 'Keys added again after a failure', labels);
    this.#queueSeconds = this.#histogram('workqueue_queue_duration_seconds', QUEUE_SECONDS, labels);
    this.#workSeconds = this.#histogram('workqueue_work_duration_seconds', QUEUE_SECONDS, labels);
    this.#leader = this.#gauge('leader_election_master_status', '1 while this replica leads', ['name']);
    this.#requests = this.#counter('rest_client_requests_total', 'Requests to the API server', [
      'method',
      'code',
    ]);
    this.#exposeQueues();
  }

  /** For `Transport`. */
  readonly onRequest: RequestObserver = (method, status) => {
    this.#requests.inc({ method, code: status === 0 ? '<error>' : String(status) });
  };

  /** For `LeaderElector`. */
  onLeadership(name: string): (isLeading: boolean) => void {
    this.#leader.set({ name }, 0);
    return (isLeading) => this.#leader.set({ name }, isLeading ? 1 : 0);
  }

  /** For the controller of that name. */
  observe(controller: string): ControllerObserver {
    const queue = { name: controller, controller };
    const own = { controller };
    for (const counter of [this.#errors, this.#terminalErrors, this.#panics, this.#timeouts])
      counter.inc(own, 0);
    return {
      onAdd: () => this.#adds.inc(queue),
      onRetry: () => this.#retries.inc(queue),
      onStart: (waitedSeconds) => this.#queueSeconds.observe(queue, waitedSeconds),
      onDone: (workedSeconds) => this.#workSeconds.observe(queue, workedSeconds),
      onWorkers: (active, most) => {
        this.#activeWorkers.set(own, active);
        this.#mostWorkers.set(own, most);
      },
      onReconciled: (result, seconds) => {
        this.#reconciles.inc({ controller, result });
        if (result === 'error') this.#errors.inc(own);
        this.#reconcileSeconds.observe(own, seconds);
      },
      onTerminalError: () => this.#terminalErrors.inc(own),
      onDefect: () => this.#panics.inc(own),
      onTimeout: () => this.#timeouts.inc(own),
      observeQueue: (workQueue) => this.#queues.set(controller, workQueue),
    };
  }

  /** Gauges of queues are read when somebody asks for them, which costs nothing in between. */
  #exposeQueues(): void {
    this.#queueGauge('workqueue_depth', 'Keys that are due', (gauge, labels, { depth }) => {
      gauge.set({ ...labels, priority: 0 }, 0);
      for (const [priority, keys] of depth) gauge.set({ ...labels, priority }, keys);
    });
    this.#queueGauge(
      'workqueue_unfinished_work_seconds',
      'Work in progress, summed up',
      (gauge, labels, { workingSeconds }) =>
        gauge.set(
          labels,
          workingSeconds.reduce((sum, seconds) => sum + seconds, 0),
        ),
    );
    this.#queueGauge(
      'workqueue_longest_running_processor_seconds',
      'The oldest work in progress',
      (gauge, labels, { workingSeconds }) => gauge.set(labels, Math.max(0, ...workingSeconds)),
    );
  }

  #queueGauge(
    name: string,
    help: string,
    set: (gauge: Gauge, labels: Record<string, string>, snapshot: QueueSnapshot) => void,
  ): void {
    const queues = this.#queues;
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: ['name', 'controller', 'priority'],
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        for (const [controller, queue] of queues)
          set(gauge, { name: controller, controller }, queue.snapshot());
      },
    });
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<L extends string>(name: string, buckets: number[], labelNames: readonly L[]): Histogram<L> {
    return new Histogram({
      name,
      help: `Seconds: ${name}`,
      buckets,
      labelNames,
      registers: [this.#registry],
    });
  }
}

/**
 * What the ledger knows, kept for the statuses and looked at again every few seconds: often while a pool sends, seldom while it rests.
 *
 *     const facts = new LedgerFacts({ ledger, clock, log, onChanged: (namespace, keys) => … , onPlanLost });
 *     facts.follow('sales', plans);           // after each compilation
 *     await facts.refresh('sales', 'pool');   // now, before statuses are made
 *     facts.start();  await facts.stop();
 */
import type { Plan } from '../../api/plan.ts';
import { LedgerLost, type Ledger, type LedgerHealth } from '../../domain/ports/ledger.ts';
import { BackgroundLoop } from '../kube/background-loop.ts';
import type { TimerClock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import { changedFacts, routeKey, timedObjects } from './changed-facts.ts';
import { readPool, type KnownPool, type PoolReading } from './pool-facts.ts';

export interface LedgerFactsParts {
  readonly ledger: Ledger;
  readonly clock: TimerClock;
  readonly log: Log;
  /** These objects (`kind/name`) have something new to say. */
  readonly onChanged: (namespace: string, keys: readonly string[]) => void;
  /** The ledger holds another plan than the one that we published, or none. */
  readonly onPlanLost: (namespace: string) => void;
}

interface Followed {
  plan: Plan;
  reading: PoolReading | undefined;
  intervalMs: number;
  dueAtMs: number;
}

const TICK_MS = 1_000;
const SHORTEST_INTERVAL_MS = 2_000;
const LONGEST_INTERVAL_MS = 10_000;
/** Settings of Redis change when a person changes them. */
const HEALTH_INTERVAL_MS = 30_000;
/** Pools read at a time: their questions travel together. */
const READ_TOGETHER = 8;

export class LedgerFacts {
  readonly #parts: LedgerFactsParts;
  readonly #pools = new Map<string, Followed>();
  readonly #loop: BackgroundLoop;
  #health: LedgerHealth | undefined;
  #healthAtMs = Number.NEGATIVE_INFINITY;
  /** Pools whose facts somebody asked for before they could be read: all of their objects are told when they can be. */
  readonly #missed = new Set<string>();

  constructor(parts: LedgerFactsParts) {
    this.#parts = parts;
    this.#loop = new BackgroundLoop(parts.clock, (signal) => this.#tick(signal));
  }

  /** How durable the ledger is, or that it is lost; undefined while it cannot be reached. */
  get health(): LedgerHealth | undefined {
    return this.#health;
  }

  /** What was last read; undefined before that, and while the ledger cannot be read. */
  pool(namespace: string, pool: string): KnownPool | undefined {
    const key = `${namespace}/${pool}`;
    const facts = this.#isReadable() ? this.#pools.get(key)?.reading?.facts : undefined;
    if (facts === undefined) this.#missed.add(key);
    return facts;
  }

  /** These are the plans of the namespace from now on. Answers the pools that are new or have a new plan. */
  follow(namespace: string, plans: ReadonlyMap<string, Plan>): string[] {
    for (const [key, { plan }] of this.#pools) {
      if (plan.namespace === namespace && !plans.has(plan.pool)) this.#pools.delete(key);
    }
    const changed: string[] = [];
    for (const plan of plans.values()) {
      const key = `${namespace}/${plan.pool}`;
      const known = this.#pools.get(key);
      if (known?.plan.revision === plan.revision) continue;
      changed.push(plan.pool);
      if (known !== undefined) known.plan = plan;
      else this.#pools.set(key, this.#unread(plan));
    }
    for (const key of this.#missed) {
      if (key.startsWith(`${namespace}/`) && !this.#pools.has(key)) this.#missed.delete(key);
    }
    return changed;
  }

  /**
   * Reads pools now; what is read of a pool for the first time is told to nobody, because who follows a new plan wakes its objects himself.
   * Rejects with LedgerUnavailable.
   */
  async refresh(namespace: string, pools: readonly string[]): Promise<void> {
    if (this.#health === undefined || this.#health.reason === 'LedgerLost') await this.#readHealth();
    const followed = pools.flatMap((pool) => this.#pools.get(`${namespace}/${pool}`) ?? []);
    for (let at = 0; at < followed.length; at += READ_TOGETHER) {
      await Promise.all(
        followed.slice(at, at + READ_TOGETHER).map((one) => this.#read(one, one.reading !== undefined)),
      );
    }
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  async #tick(signal: AbortSignal): Promise<number> {
    const nowMs = this.#parts.clock.monotonic();
    try {
      if (nowMs - this.#healthAtMs >= HEALTH_INTERVAL_MS) await this.#readHealth();
      const due = [...this.#pools.values()].filter(({ dueAtMs }) => dueAtMs <= nowMs);
      for (let at = 0; at < due.length && !signal.aborted; at += READ_TOGETHER) {
        await Promise.all(due.slice(at, at + READ_TOGETHER).map((one) => this.#read(one, true)));
      }
    } catch (error) {
      this.#lose(error);
    }
    return TICK_MS;
  }

  async #readHealth(): Promise<void> {
    const before = this.#health;
    this.#note(await this.#parts.ledger.health());
    this.#healthAtMs = this.#parts.clock.monotonic();
    if (before?.reason !== this.#health?.reason || before?.message !== this.#health?.message) this.#tellAll();
  }

  /** What was read in a ledger that is lost says nothing of the one that takes its place. */
  #note(health: LedgerHealth | undefined): void {
    this.#health = health;
    if (health?.reason !== 'LedgerLost') return;
    for (const followed of this.#pools.values()) followed.reading = undefined;
  }

  /** The ledger is away or lost: whoever says something about it says so now. */
  #lose(error: unknown): void {
    this.#healthAtMs = Number.NEGATIVE_INFINITY;
    const health =
      error instanceof LedgerLost ? ({ reason: 'LedgerLost', message: error.message } as const) : undefined;
    if (this.#health?.reason === health?.reason) return;
    this.#parts.log.warn({ err: error }, 'Failed to read the ledger');
    this.#note(health);
    this.#tellAll();
  }

  #tellAll(): void {
    const isReadable = this.#isReadable();
    for (const [key, { plan, reading }] of this.#pools) {
      const campaigns = plan.campaigns.map(({ name }) => `Campaign/${name}`);
      const isMissed = isReadable && reading !== undefined && this.#missed.delete(key);
      const routes = isMissed ? [...plan.mailboxes, ...plan.esps].map(routeKey) : [];
      this.#parts.onChanged(plan.namespace, [`SendingPool/${plan.pool}`, ...campaigns, ...routes]);
    }
  }

  #isReadable(): boolean {
    return this.#health !== undefined && this.#health.reason !== 'LedgerLost';
  }

  /** Left to who follows it, who refreshes at once; if that fails it is read with the others. */
  #unread(plan: Plan): Followed {
    const dueAtMs = this.#parts.clock.monotonic() + SHORTEST_INTERVAL_MS;
    return { plan, reading: undefined, intervalMs: SHORTEST_INTERVAL_MS, dueAtMs };
  }

  async #read(followed: Followed, isTold: boolean): Promise<void> {
    const { ledger, clock, onChanged, onPlanLost } = this.#parts;
    const { plan, reading: before } = followed;
    const reading = await readPool(ledger, plan, before);
    if (followed.plan !== plan) return;
    followed.reading = reading;
    const changed = changedFacts(before?.facts, reading.facts);
    const isQuiet = changed.length === 0;
    followed.intervalMs = isQuiet
      ? Math.min(followed.intervalMs * 2, LONGEST_INTERVAL_MS)
      : SHORTEST_INTERVAL_MS;
    followed.dueAtMs = clock.monotonic() + followed.intervalMs;
    const isMissed = before === undefined && this.#missed.delete(`${plan.namespace}/${plan.pool}`);
    if (!isQuiet && (isTold || isMissed)) onChanged(plan.namespace, changed);
    if (before !== undefined && before.usageAtMs !== reading.usageAtMs) {
      onChanged(plan.namespace, timedObjects(reading.facts));
    }
    if (reading.revision !== plan.revision) onPlanLost(plan.namespace);
  }
}

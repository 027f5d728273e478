import type { Plan } from '../api/plan.ts';
import { DRAIN_LIMIT_MS } from '../domain/drain.ts';
import { EVIDENCE_RULES } from '../domain/evidence.ts';
import { TemplateCache } from '../domain/message/compiled-template.ts';
import { LedgerLost, LedgerUnavailable } from '../domain/ports/ledger.ts';
import type { SenderKey } from '../domain/ports/queue-ledger.ts';
import { windowClosings } from '../domain/window.ts';
import { AudienceCache } from './audience-cache.ts';
import type { DeliveryContext } from './delivery-context.ts';
import { Dispatcher } from './dispatcher.ts';
import { withinDrainLimit } from './drain.ts';
import { UncertainMessages } from './evidence/uncertain-messages.ts';
import { HEARTBEAT_INTERVAL_MS, LaneTable } from './lane-table.ts';
import { LedgerClock } from '../domain/ledger-clock.ts';
import { LedgerWatch } from './ledger-watch.ts';
import { formerRoutes } from './plan-lookup.ts';
import type { PoolSenderParts } from './pool-sender-parts.ts';
import { SharedLimits } from './shared-limits.ts';
import { signingKeyOf } from './signing-key.ts';
import { StoppedLanes } from './stopped-lanes.ts';
import { Wake } from './wake.ts';

/** How often the plan's revision is asked for, milliseconds: an edit takes effect well within a second. */
const PLAN_POLL_MS = 200;
/**
 * Nothing passes the gate by a plan that was last looked at longer ago, milliseconds: who stood still meanwhile looks first, so that an
 * edit is in force within a second everywhere.
 */
const PLAN_MAX_AGE_MS = 400;
/** How often held lanes are looked after (a new Secret, a person who resumed one), milliseconds. */
const STOPPED_LANES_INTERVAL_MS = 2_000;
/**
 * How often the ledger is told which claims are in our hands, milliseconds: it gives back those that we do not know, because an answer
 * was lost or a delivery broke.
 */
const RECONCILE_INTERVAL_MS = 30_000;
/**
 * After an outage of the ledger nobody is declared dead for so long, milliseconds: the others were as silent as we were, and come back
 * with their next heartbeats.
 */
const OUTAGE_GRACE_MS = 2 * HEARTBEAT_INTERVAL_MS;
/** Pause of a loop while the ledger is away, milliseconds. */
const OUTAGE_PAUSE_MS = 250;

/**
 * Runs one pool in this process: keeps its registration and lanes alive, follows the plan, dispatches. `run` ends after `stop`
 * when every claim in its hands has its end, at the latest when the drain has reached its limit.
 */
export class PoolSender {
  readonly #parts: PoolSenderParts;
  readonly #ledgerClock: LedgerClock;
  readonly #table: LaneTable;
  readonly #dispatcher: Dispatcher;
  readonly #wake: Wake;
  readonly #watch: LedgerWatch;
  readonly #stoppedLanes: StoppedLanes;
  readonly #shared: SharedLimits;
  readonly #uncertain: UncertainMessages;
  readonly #stopping = new AbortController();
  readonly #drained = new AbortController();
  readonly #abandoned = new AbortController();
  readonly #kept = new Set<Promise<unknown>>();
  #plan: Plan | undefined;
  #sender: SenderKey;
  #isWithdrawn = false;
  #recoverFromMs = 0;
  #reconcileAtMs = 0;
  #planCheckedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: PoolSenderParts) {
    this.#parts = parts;
    this.#ledgerClock = new LedgerClock(parts.clock);
    this.#wake = new Wake(parts.clock);
    this.#shared = new SharedLimits(parts.ledger.quota, this.#ledgerClock, () => this.#requirePlan());
    this.#sender = { ...parts.pool, senderId: parts.newSenderId() };
    this.#table = new LaneTable({
      ledger: parts.ledger,
      ledgerClock: this.#ledgerClock,
      open: parts.open,
      only: parts.routes,
    });
    this.#watch = new LedgerWatch(parts.log);
    const context = this.#context();
    this.#dispatcher = new Dispatcher(context, this.#table, this.#wake);
    this.#stoppedLanes = new StoppedLanes(parts.ledger.quota, this.#ledgerClock);
    this.#uncertain = new UncertainMessages({
      pool: parts.pool,
      queue: parts.ledger.queue,
      sentMail: parts.sentMail,
      rules: parts.evidenceRules ?? EVIDENCE_RULES,
      log: parts.log,
      clocks: { now: () => this.#ledgerClock.now(), monotonic: () => parts.clock.monotonic() },
    });
  }

  /** Runs until `stop`; rejects only for what nobody could have foreseen. */
  async run(): Promise<void> {
    await withinDrainLimit(this.#work(), {
      stopping: this.#stopping.signal,
      clock: this.#parts.clock,
      limitMs: this.#parts.drainLimitMs ?? DRAIN_LIMIT_MS,
      giveUp: () => this.#giveUp(),
    });
  }

  async #work(): Promise<void> {
    const { intervalMs } = this.#parts.evidenceRules ?? EVIDENCE_RULES;
    await Promise.all([
      this.#every('plan', PLAN_POLL_MS, () => this.#followPlan()),
      this.#every('heartbeat', HEARTBEAT_INTERVAL_MS, () => this.#beat()),
      this.#every('holds', STOPPED_LANES_INTERVAL_MS, () => this.#tendHolds()),
      this.#every('evidence', intervalMs, () => this.#seekEvidence()),
      this.#dispatch().finally(() => this.#drained.abort()),
    ]);
    await this.#end();
  }

  async #tendHolds(): Promise<void> {
    await this.#stoppedLanes.tend(this.#table.lanes);
    if (this.#plan) await this.#shared.tend();
  }

  /** Claims nothing more; what is on the wire is finished first. */
  stop(): void {
    this.#stopping.abort();
    this.#wake.signal();
  }

  /** The drain is over: recovery makes what is on the wire Uncertain and gives the rest back. */
  #giveUp(): void {
    const messages = this.#dispatcher.heldMessages;
    this.#parts.log.error({ messages }, 'Drain has reached its limit; the ends of these are not written');
    this.#abandoned.abort();
    this.#drained.abort();
  }

  async #seekEvidence(): Promise<void> {
    if (!this.#plan || this.#stopping.signal.aborted) return;
    const owned = new Set(this.#table.lanes.keys());
    await this.#uncertain.tend(this.#plan, owned, this.#stopping.signal);
  }

  async #dispatch(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const pauseMs = await this.#guarded('claims', () => this.#round());
      await this.#wake.wait(pauseMs ?? OUTAGE_PAUSE_MS);
    }
    await this.#dispatcher.drained();
  }

  async #round(): Promise<number> {
    await this.#reconcile();
    return this.#plan ? this.#dispatcher.round() : PLAN_POLL_MS;
  }

  /** Only the loop that claims may do this: for it alone, the claims in our hands are all that the ledger has handed out. */
  async #reconcile(): Promise<void> {
    const nowMs = this.#parts.clock.monotonic();
    if (!this.#watch.hasMissed && nowMs < this.#reconcileAtMs) return;
    this.#watch.hasMissed = false;
    this.#reconcileAtMs = nowMs + RECONCILE_INTERVAL_MS;
    await this.#parts.ledger.queue.reconcile(this.#sender, this.#dispatcher.held);
  }

  /** Repeats a task at an interval through outages, until everything is drained: who is silent while it finishes is declared dead. */
  async #every(name: string, intervalMs: number, task: () => Promise<void>): Promise<void> {
    while (!this.#drained.signal.aborted) {
      const result = await this.#guarded(name, async () => (await task(), true));
      await this.#parts.clock.sleep(
        result ? intervalMs : Math.min(intervalMs, OUTAGE_PAUSE_MS),
        this.#drained.signal,
      );
    }
  }

  /** Undefined = the ledger was away or lost. */
  async #guarded<Answer>(task: string, call: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      const answer = await call();
      if (this.#watch.worked(task)) this.#recoverFromMs = this.#parts.clock.monotonic() + OUTAGE_GRACE_MS;
      return answer;
    } catch (error) {
      if (!(error instanceof LedgerUnavailable || error instanceof LedgerLost)) throw error;
      this.#watch.failed(error, task);
      return undefined;
    }
  }

  async #followPlan(): Promise<void> {
    const { ledger, pool } = this.#parts;
    const checkedAtMs = this.#parts.clock.monotonic();
    // Who has no plan sends no heartbeats, and nothing else.
    const noteBeat = this.#beatenFor ? undefined : this.#watch.beats();
    const revision = await ledger.plans.revision(pool);
    noteBeat?.();
    const isBack = this.#isWithdrawn && revision !== undefined;
    if (isBack || revision !== this.#plan?.revision) await this.#readPlan();
    this.#planCheckedAtMs = checkedAtMs;
  }

  async #readPlan(): Promise<void> {
    const { ledger, pool } = this.#parts;
    const isFirst = this.#plan === undefined;
    const plan = await ledger.plans.read(pool);
    // A plan that was withdrawn gives nothing out any more; what is on its way still ends by it.
    this.#isWithdrawn = plan === undefined;
    if (!plan) return;
    this.#plan = plan;
    this.#parts.log.info({ revision: this.#plan.revision }, 'Plan in force');
    if (isFirst)
      await this.#ledgerClock.ask(
        () => ledger.now(),
        (nowMs) => nowMs,
      );
    await this.#table.update(this.#plan);
    this.#dispatcher.noteFormerRoutes(formerRoutes(plan, await ledger.reports.routes(pool)));
    await this.#beat();
    this.#wake.signal();
  }

  /** The plan to beat for: without one, or with a withdrawn one that nothing is left of, this sender holds nothing. */
  get #beatenFor(): Plan | undefined {
    return this.#isWithdrawn && this.#dispatcher.held.length === 0 ? undefined : this.#plan;
  }

  async #beat(): Promise<void> {
    const plan = this.#beatenFor;
    if (!plan) return;
    const noteBeat = this.#watch.beats();
    const { evicted } = await this.#table.beat(this.#sender, plan, this.#stopping.signal.aborted);
    noteBeat();
    if (evicted) await this.#beginAnew();
    this.#keep(this.#guarded('recovery', () => this.#recover()));
    this.#wake.signal();
  }

  /** Declares silent senders dead. Beside the heartbeats, since it waits after a fail-over. */
  async #recover(): Promise<void> {
    if (this.#watch.isAway || this.#parts.clock.monotonic() < this.#recoverFromMs) return;
    const uncertain = await this.#parts.ledger.queue.recover(this.#parts.pool);
    for (const message of uncertain)
      this.#parts.log.warn({ ...message }, 'A sender died with this message on the wire: Uncertain');
  }

  /** Another sender declared us dead (we were stalled): what we held is theirs; we go on under a new id. */
  async #beginAnew(): Promise<void> {
    this.#parts.log.warn(
      { senderId: this.#sender.senderId },
      'Declared dead by another sender; beginning anew',
    );
    await this.#table.close();
    this.#sender = { ...this.#parts.pool, senderId: this.#parts.newSenderId() };
  }

  async #end(): Promise<void> {
    await Promise.all(this.#kept);
    await this.#table.close();
    await this.#guarded('leave', () => this.#parts.ledger.lanes.leave(this.#sender));
  }

  #context(): DeliveryContext {
    const { ledger, policy, clock, random, log } = this.#parts;
    return {
      ledger,
      policy,
      clock,
      random,
      log,
      ledgerClock: this.#ledgerClock,
      shared: this.#shared,
      windowCloses: windowClosings(),
      audience: new AudienceCache(ledger),
      templates: new TemplateCache(),
      signingKey: () => signingKeyOf(this.#plan, this.#parts.credentials),
      plan: () => this.#requirePlan(),
      lookAtPlan: () => this.#lookAtPlan(),
      sender: () => this.#sender,
      abandoned: this.#abandoned.signal,
      onOutage: (error, repeated) => this.#watch.failed(error, repeated),
      onOutageOver: (repeated) => this.#watch.over(repeated),
      keep: (work) => this.#keep(work),
    };
  }

  async #lookAtPlan(): Promise<void> {
    if (this.#parts.clock.monotonic() - this.#planCheckedAtMs > PLAN_MAX_AGE_MS) await this.#followPlan();
  }

  #requirePlan(): Plan {
    if (!this.#plan) throw new Error('No plan yet: the dispatcher runs only with one');
    return this.#plan;
  }

  #keep(work: Promise<unknown>): void {
    const kept = work
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'Work beside the queue broke'))
      .finally(() => this.#kept.delete(kept));
    this.#kept.add(kept);
  }
}

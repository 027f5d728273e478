import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  Claim,
  FollowUp,
  MessageKey,
  SettleRequest,
} from '../../../controller/domain/ports/queue-ledger.ts';
import { asRepeat } from '../../../controller/domain/repeat.ts';
import { audienceRows } from '../../builders/audience.ts';
import { aPlan, aPlanCampaign } from '../../builders/plan.ts';
import { POOL, recordOf, startSender, type TestSender } from '../../contract/pool-fixture.ts';
import { QueueBook } from './queue-book.ts';
import { aQueueHistory, type QueueStep } from './queue-history.ts';
import { useRedis, type StillLedger } from './redis-under-test.ts';

const redis = useRedis();
const CAMPAIGNS = ['spring', 'autumn'];
const ROUTE = 'mailbox/anna';
const DATE_MS = 1_700_000_000_000;

/** A history that is lived through, by a ledger and in the book. */
class Life {
  readonly #still: StillLedger;
  readonly #book = new QueueBook();
  readonly #senders: TestSender[] = [];
  readonly #held: { claim: Claim; sender: number }[] = [];
  readonly #rows = new Map(CAMPAIGNS.map((name) => [name, 0]));
  #serial = 0;

  constructor(still: StillLedger) {
    this.#still = still;
  }

  async begin(): Promise<void> {
    for (const name of CAMPAIGNS) this.#book.open.add(name);
    await this.#publish();
    await this.#newSender(0);
    await this.#newSender(1);
    for (const name of CAMPAIGNS)
      await this.#import({ do: 'import', campaign: name, add: 5, remove: [], restore: false });
  }

  async step(step: QueueStep): Promise<void> {
    const act = this.#acts[step.do] as (step: QueueStep) => Promise<void>;
    await act(step);
    await this.#compare();
  }

  readonly #acts: {
    readonly [Do in QueueStep['do']]: (step: Extract<QueueStep, { do: Do }>) => Promise<void>;
  } = {
    claim: async ({ sender, any, esp, bound, exhausted }) => {
      const demand = { any, esp, routes: { [ROUTE]: bound }, exhausted, campaigns: CAMPAIGNS };
      const batch = await this.#still.ledger.queue.claim(this.#sender(sender).key, demand);
      expect(this.#book.take(String(sender), demand, batch, await this.#now())).toEqual([]);
      this.#held.push(...batch.claims.map((claim) => ({ claim, sender })));
    },
    begin: async ({ pick, isKeyed }) => {
      const held = this.#pick(this.#held, pick);
      if (held === undefined) return;
      const isOpen = this.#book.open.has(held.claim.key.campaign);
      const isOurs = this.#sender(held.sender).fences.has(ROUTE);
      const { repeatOf } = held.claim;
      const keyedMs = repeatOf?.dateMs ?? (isKeyed ? DATE_MS : undefined);
      const keyed = keyedMs !== undefined && { keyedMs };
      const answer = await this.#sender(held.sender).begin(held.claim, ROUTE, { ...keyed });
      expect(answer).toBe(isOurs ? (isOpen ? 'Ok' : 'Paused') : 'LaneLost');
      if (answer === 'Ok')
        Object.assign(this.#book.of(held.claim.key), { isOnWire: true, isKeyed: keyedMs !== undefined });
    },
    settle: async ({ pick, settlement, followUpInMs, times }) => {
      const held = this.#pick(this.#held, pick);
      if (held === undefined) return;
      const { claim, sender } = held;
      const request = this.#requestOf(claim, settlement, followUpInMs);
      for (let time = 0; time < times; time += 1) {
        expect(await this.#sender(sender).settle(claim, request)).toBe('Ok');
      }
      this.#book.settle(claim, request, await this.#now());
      this.#held.splice(this.#held.indexOf(held), 1);
    },
    wait: ({ ms }) => this.#still.advance(ms),
    die: async ({ sender }) => {
      const dead = this.#sender(sender);
      await this.#still.ledger.lanes.leave(dead.key);
      await this.#still.ledger.queue.recover(POOL);
      this.#forget(sender, []);
      await this.#newSender(sender);
    },
    reconcile: async ({ sender, keep }) => {
      const mine = this.#held.filter((held) => held.sender === sender);
      const kept = mine
        .slice(0, mine.length === 0 ? 0 : keep % (mine.length + 1))
        .map(({ claim }) => claim.token);
      await this.#still.ledger.queue.reconcile(this.#sender(sender).key, kept);
      this.#forget(sender, kept, await this.#now());
    },
    late: async ({ pick, settlement, followUpInMs }) => {
      const entry = this.#pickUncertain(pick);
      // Without a claim whose sender could still say something.
      if (entry === undefined || entry.token === '') return;
      const claim = {
        key: entry.key,
        token: entry.token,
        attempts: entry.attempts,
        constraint: entry.constraint,
        overflow: '',
      };
      const request = this.#requestOf(claim, settlement, followUpInMs);
      const outcome = settlement.kind === 'Terminal' ? settlement.outcome : undefined;
      const isEnd = outcome === 'Delivered' || outcome === 'Failed';
      const counts = entry.isLost ? outcome !== 'Uncertain' : isEnd;
      for (let time = 0; time < 2; time += 1) {
        const answer = await this.#sender(0).settle(claim, request);
        expect(answer).toBe(counts || !entry.isLost ? 'Ok' : 'Fenced');
      }
      if (counts) this.#book.prove(claim, request, await this.#now());
    },
    resolve: async ({ pick, evidence, followUpInMs }) => {
      const entry = this.#pickUncertain(pick);
      if (entry === undefined) return;
      const followUp = this.#followUpOf(entry.key, followUpInMs);
      const isPossible = evidence !== 'Repeat' || (entry.isKeyed && !this.#book.hasEnded(entry.key));
      for (let time = 0; time < 2; time += 1) {
        const answer = await this.#still.ledger.queue.resolve(POOL, entry.key, evidence, followUp);
        expect(answer).toBe(isPossible ? 'Ok' : 'Fenced');
      }
      if (!isPossible) return;
      if (evidence === 'Delivered') this.#book.deliver(entry.key, followUp, await this.#now());
      else if (evidence === 'Repeat') this.#book.repeat(entry.key, ROUTE, await this.#now());
      else this.#book.putBack(entry.key, await this.#now());
    },
    import: (step) => this.#import(step),
    cancel: async ({ campaign }) => {
      const ended = await this.#still.ledger.audience.cancel({ ...POOL, campaign });
      expect(ended).toBe(this.#book.end(campaign));
    },
    suspend: async ({ campaign }) => {
      if (!this.#book.open.delete(campaign)) this.#book.open.add(campaign);
      await this.#publish();
    },
  };

  async #import({ campaign, add, remove, restore }: Extract<QueueStep, { do: 'import' }>): Promise<void> {
    const { audience } = this.#still.ledger;
    const key = { ...POOL, campaign };
    const before = this.#rows.get(campaign) ?? 0;
    const removed = [...new Set(remove)].filter((row) => row < before);
    const cancelled = this.#book.in(campaign, 'Cancelled').filter((entry) => entry.key.step === 0);
    expect(await audience.cancelledRows(key)).toEqual(
      cancelled.map((entry) => entry.key.row).sort((a, b) => a - b),
    );
    const restored = restore ? cancelled.filter((entry) => !removed.includes(entry.key.row)) : [];
    await audience.append(key, before, audienceRows(add, before));
    const counts = { read: before + add, accepted: before + add, invalid: 0, duplicate: 0 };
    this.#serial += 1;
    const change = { revision: String(this.#serial), total: before + add, removed, counts };
    await audience.commit(key, { ...change, restored: restored.map((entry) => entry.key.row) });
    this.#book.bringBack(campaign);
    for (const row of removed) {
      const entry = this.#book.of({ campaign, step: 0, row });
      if (entry.place === 'Fresh' || (entry.place === 'Waiting' && entry.attempts === 0))
        entry.place = 'Cancelled';
    }
    for (const entry of restored)
      Object.assign(entry, {
        place: 'Fresh',
        attempts: 0,
        constraint: { kind: 'Any' },
        limit: undefined,
        isRepeat: false,
      });
    this.#book.addRows(campaign, before, before + add);
    this.#rows.set(campaign, before + add);
  }

  #requestOf(
    claim: Claim,
    settlement: SettleRequest['settlement'],
    followUpInMs: number | undefined,
  ): Omit<SettleRequest, 'claim'> {
    const followUp = this.#followUpOf(claim.key, followUpInMs);
    const isBack = settlement.kind === 'Returned' || settlement.kind === 'Limited';
    return {
      settlement: isBack ? { ...settlement, ...asRepeat(claim) } : settlement,
      ...(!isBack && { record: recordOf(claim), route: ROUTE }),
      ...(followUp !== undefined && { followUp }),
    };
  }

  /** The next step, unless it is there already. */
  #followUpOf({ campaign, step, row }: MessageKey, dueInMs: number | undefined): FollowUp | undefined {
    const isThere = this.#book.entries.has(`${campaign}/${step + 1}/${row}`);
    return dueInMs === undefined || isThere ? undefined : { step: step + 1, dueInMs };
  }

  async #compare(): Promise<void> {
    for (const campaign of CAMPAIGNS) {
      const counts = await this.#still.ledger.audience.counts({ ...POOL, campaign });
      expect(counts).toMatchObject(this.#book.counts(campaign));
      const left = counts.pending + counts.deferred + counts.inFlight;
      expect(counts.completedMs === undefined).toBe(left > 0);
    }
    const uncertain = await this.#still.ledger.queue.uncertain(POOL, 1_000);
    const expected = CAMPAIGNS.flatMap((campaign) => this.#book.in(campaign, 'Uncertain'));
    expect(new Set(uncertain.map(({ key }) => JSON.stringify(key)))).toEqual(
      new Set(expected.map(({ key }) => JSON.stringify(key))),
    );
    const { records } = await this.#still.ledger.reports.attempts(POOL, '', 10_000);
    expect(records.length).toBe(this.#book.records);
    expect(this.#book.limitMistakes(await this.#still.ledger.reports.limited(POOL))).toEqual([]);
    const tallies = await this.#still.ledger.reports.routes(POOL);
    expect(tallies.reduce((sum, tally) => sum + tally.uncertain, 0)).toBe(expected.length);
    const { nextDueMs } = await this.#still.ledger.queue.claim(this.#sender(0).key, {
      routes: {},
      esp: 0,
      any: 0,
      campaigns: [],
    });
    expect(nextDueMs).toBe(this.#book.nextDueMs());
  }

  #forget(sender: number, kept: readonly string[], nowMs?: number): void {
    const gone = this.#held.filter(
      ({ claim, sender: owner }) => owner === sender && !kept.includes(claim.token),
    );
    for (const held of gone) this.#held.splice(this.#held.indexOf(held), 1);
    this.#book.takeBack(String(sender), nowMs ?? this.#still.nowMs(), kept);
  }

  async #newSender(sender: number): Promise<void> {
    this.#serial += 1;
    // Only the first holds the lane, so that the fences of both stay good.
    const routes = sender === 0 ? [ROUTE] : [];
    this.#senders[sender] = await startSender(this.#still.ledger, `s${this.#serial}`, {
      routes,
      leaseMs: 10_000_000,
    });
  }

  async #publish(): Promise<void> {
    const campaigns = CAMPAIGNS.map((name) => aPlanCampaign({ name, suspended: !this.#book.open.has(name) }));
    await this.#still.ledger.plans.publish(aPlan({ campaigns }));
  }

  #sender(index: number): TestSender {
    const sender = this.#senders[index];
    if (sender === undefined) throw new Error(`no sender ${index}`);
    return sender;
  }

  #now(): Promise<number> {
    return this.#still.ledger.now();
  }

  #pick<T>(from: readonly T[], pick: number): T | undefined {
    return from[pick % Math.max(1, from.length)];
  }

  #pickUncertain(pick: number) {
    return this.#pick(
      CAMPAIGNS.flatMap((campaign) => this.#book.in(campaign, 'Uncertain')),
      pick,
    );
  }
}

describe('any history of a queue', () => {
  it('leaves every message in exactly one place, counted once', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(aQueueHistory, async (steps) => {
        const still = await redis.openStill();
        const life = new Life(still);
        await life.begin();
        for (const step of steps) await life.step(step);
        await still.teardown();
      }),
      { numRuns: Number(process.env['HISTORIES'] ?? 60), endOnFailure: true },
    );
  });
});
